import {
  abs,
  acos,
  acosh,
  add,
  asin,
  asinh,
  atan,
  atan2,
  atanh,
  ceil,
  clip,
  cos,
  cosh,
  digamma,
  div,
  erf,
  erfc,
  erfinv,
  exp,
  expm1,
  floor,
  hypot,
  lgamma,
  log,
  log1p,
  log2,
  log10,
  maximum,
  minimum,
  mod,
  mul,
  neg,
  polygamma,
  pow,
  relu,
  round,
  rsqrt,
  sigmoid,
  sign,
  sin,
  sinh,
  softplus,
  sqrt,
  square,
  stopGradient,
  sub,
  type Tensor,
  tan,
  tanh,
  where,
} from '@grad/core';
import type { Operation, Operations } from './operation.ts';

function each(f: (x: Tensor) => Tensor): Operation {
  return { build: (scope, draw) => f(scope.float(draw)) };
}

function both(f: (x: Tensor, y: Tensor) => Tensor): Operation {
  return {
    build(scope, draw) {
      const x = scope.float(draw);
      return f(x, scope.partner(x, draw));
    },
  };
}

/** In (-1, 1), away from its ends. */
const inside = (x: Tensor): Tensor => tanh(x).mul(0.9);

/** In [0.5, 4.5]. */
const positive = (x: Tensor): Tensor => abs(x).add(0.5);

/** Functions of one float, on a part of their domain where they are in bounds. */
export const unary: Operations = {
  neg: each(neg),
  tanh: each(tanh),
  sin: each(sin),
  cos: each(cos),
  abs: each(abs),
  sign: each(sign),
  square: each((x) => square(x).mul(0.25)),
  sqrt: each((x) => sqrt(square(x).add(0.25))),
  sqrtOfAbs: each((x) => sqrt(positive(x))),
  rsqrt: each((x) => rsqrt(positive(x))),
  guardedSqrt: each((x) => where(x.gt(0), sqrt(x), 0)),
  guardedLog: each((x) => where(x.gt(0.25), log(where(x.gt(0.25), x, 1)), x)),
  exp: each((x) => exp(tanh(x))),
  expm1: each((x) => expm1(tanh(x))),
  log: each((x) => log(positive(x))),
  log1p: each((x) => log1p(square(x))),
  tan: each((x) => tan(inside(x))),
  sigmoid: each(sigmoid),
  softplus: each((x) => softplus(x).sub(1)),
  relu: each(relu),
  erf: each(erf),
  erfc: each(erfc),
  erfinv: each((x) => erfinv(inside(x))),
  lgamma: each((x) => lgamma(positive(x)).mul(0.5)),
  digamma: each((x) => digamma(positive(x).add(0.5))),
  trigamma: each((x) => polygamma(1, positive(x).add(0.5))),
  asin: each((x) => asin(inside(x))),
  acos: each((x) => acos(inside(x))),
  atan: each(atan),
  sinh: each((x) => sinh(tanh(x))),
  asinh: each(asinh),
  acosh: each((x) => acosh(positive(x).add(1))),
  atanh: each((x) => atanh(inside(x))),
  log2: each((x) => log2(positive(x))),
  log10: each((x) => log10(positive(x))),
  cosh: each((x) => cosh(tanh(x))),
  floor: each((x) => floor(x)),
  ceil: each((x) => ceil(x).mul(0.5)),
  round: each((x) => round(x)),
  cube: each((x) => pow(tanh(x), 3)),
  reciprocal: each((x) => pow(positive(x), -1)),
  shifted: each((x) => x.add(0.3).mul(0.5)),
  weak: each((x) => mul(0.7, x).sub(0.1)),
  zero: each((x) => x.sub(x)),
  stopGradient: {
    build(scope, draw) {
      scope.traits.stops = true;
      return stopGradient(scope.float(draw));
    },
  },
};

/** Functions of two floats that broadcast, and of a mask. */
export const binary: Operations = {
  add: both((x, y) => add(x, y).mul(0.5)),
  sub: both((x, y) => sub(x, y).mul(0.5)),
  mul: both((x, y) => mul(x, y).mul(0.25)),
  mulTanh: both((x, y) => mul(tanh(x), y)),
  div: both((x, y) => div(x, square(y).add(1))),
  divAbs: both((x, y) => div(x, positive(y)).mul(0.5)),
  pow: both((x, y) => pow(positive(tanh(x)), tanh(y))),
  atan2: both((x, y) => atan2(x, positive(y))),
  hypot: both((x, y) => hypot(x, positive(y)).mul(0.5)),
  maximum: both(maximum),
  minimum: both(minimum),
  mod: both((x, y) => mod(x, positive(y)).mul(0.5)),
  clip: both((x, y) => clip(x, -0.5, positive(y))),
  where: {
    build(scope, draw) {
      const x = scope.float(draw);
      const y = scope.partner(x, draw);
      const mask = scope.bool(draw);
      return where(mask.ndim === 0 ? mask : scope.fit(mask, x.sub(y).shape), x, y);
    },
  },
  whereLess: both((x, y) => where(x.lt(y), mul(x, 0.5), sub(y, 0.5))),
  ofMask: {
    build(scope, draw) {
      const x = scope.float(draw);
      return x.mul(scope.fit(scope.bool(draw), x.shape).astype(scope.dtype));
    },
  },
};
