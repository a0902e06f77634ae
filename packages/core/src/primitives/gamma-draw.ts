/**
 * Gamma variables by rejection, each element with a loop of its own: with d = alpha - 1/3, a normal x
 * and v = (1 + x / sqrt(9 d))^3, the product d v is accepted when log u < x^2 / 2 + d (1 - v + log v),
 * which happens in at least 95 of 100 tries. Below 1, alpha is raised by 1 and the result multiplied by
 * u^(1 / alpha), whose logarithm neither underflows nor loses digits.
 *
 * Marsaglia and Tsang, A simple method for generating gamma variables, ACM Transactions on Mathematical
 * Software 26 (2000) 363-372.
 *
 * The derivative in alpha is implicit, from F(alpha, z) staying what it is: dz/dalpha is
 * -dF/dalpha / (dF/dz).
 *
 * Figurnov, Mohamed and Mnih, Implicit Reparameterization Gradients, NeurIPS 2018.
 */

import type { Expr } from '../kernel/expr.ts';
import * as maths from '../kernel/maths/functions.ts';
import { binary, cast, compare, constant, math, select, unary } from '../kernel/scalars.ts';
import { allocate, isFloat } from '../tensor/dtype.ts';
import { DTypeError, ShapeError, sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { describeType, tensorType } from '../tensor/type.ts';
import {
  div as divide,
  mul as multiply,
  neg as negate,
  sub as subtract,
  add as sum,
  tangentMul,
} from './arithmetic.ts';
import { lt } from './compare.ts';
import { filledLike } from './create.ts';
import { type CallablePrimitive, definePrimitive, type Sample } from './define.ts';
import { exp } from './elementary.ts';
import { alignBatch } from './elementwise.ts';
import { forLaws, type Laws } from './for-laws.ts';
import { digamma } from './gamma.ts';
import { incompleteGamma } from './incomplete-gamma.ts';
import { add, div, mul, num, sub } from './kernel-pair.ts';
import type { NestBuilder } from './nest-builder.ts';
import { erfinv } from './reference-math.ts';
import { select as where } from './select.ts';
import { domains, threefryOf, threefryWords } from './threefry.ts';

const integer = (value: number): Expr => constant('int32', value);

/** Uniform in (0, 1): an odd multiple of 2^-53, so that none is rounded to 1. */
function uniform([high, low]: readonly [Expr, Expr]): Expr {
  const upper = cast('float64', binary('shr_u', high, integer(5)));
  const lowest = binary('or', binary('shr_u', low, integer(6)), integer(1));
  return add(mul(upper, num(2 ** -27)), mul(cast('float64', lowest), num(2 ** -53)));
}

function uniformOf([high, low]: readonly [number, number]): number {
  return (high >>> 5) * 2 ** -27 + ((low >>> 6) | 1) * 2 ** -53;
}

/** The logarithm of a gamma variable of shape alpha > 0. */
function draw(k: NestBuilder, keys: readonly [Expr, Expr], counter: Expr, alpha: Expr): Expr {
  const words = threefryWords(...keys, counter, domains.element);
  const k0 = k.local('int32', words[0]);
  const k1 = k.local('int32', words[1]);
  const word = (at: Expr, domain: number): Expr =>
    uniform(threefryWords(k0.get(), k1.get(), at, domain));
  const isSmall = compare('lt', alpha, num(1));
  const d = k.local('float64', sub(select(isSmall, add(alpha, num(1)), alpha), num(1 / 3)));
  const c = k.local('float64', div(num(1), unary('sqrt', mul(num(9), d.get()))));
  const tries = k.local('int32', integer(0));
  const logV = k.local('float64', num(0));
  const rejected = k.local('int32', integer(1));
  const again = (): Expr =>
    binary(
      'and',
      compare('ne', rejected.get(), integer(0)),
      compare('lt', tries.get(), integer(1000)),
    );
  k.repeatWhile(again, () => {
    const centered = sub(mul(word(tries.get(), domains.normal), num(2)), num(1));
    const x = k.local('float64', mul(math(maths.erfinv, centered), num(Math.SQRT2)));
    const root = k.local('float64', add(num(1), mul(c.get(), x.get())));
    const v = mul(mul(root.get(), root.get()), root.get());
    const positive = compare('gt', root.get(), num(0));
    logV.set(mul(num(3), math(maths.log, select(positive, root.get(), num(1)))));
    const half = mul(num(0.5), mul(x.get(), x.get()));
    const bound = add(half, mul(d.get(), add(sub(num(1), v), logV.get())));
    const u = word(tries.get(), domains.accept);
    const accepted = binary('and', positive, compare('lt', math(maths.log, u), bound));
    rejected.set(select(accepted, integer(0), integer(1)));
    tries.set(binary('add', tries.get(), integer(1)));
  });
  const main = add(math(maths.log, d.get()), logV.get());
  const boost = div(math(maths.log, word(integer(0), domains.boost)), alpha);
  return select(isSmall, add(main, boost), main);
}

function drawReference(keys: readonly [number, number], counter: number, alpha: number): number {
  if (!(alpha > 0) || alpha === Number.POSITIVE_INFINITY) return Number.NaN;
  const [k0, k1] = threefryOf(...keys, counter, domains.element);
  const word = (at: number, domain: number): number => uniformOf(threefryOf(k0, k1, at, domain));
  const d = (alpha < 1 ? alpha + 1 : alpha) - 1 / 3;
  const boost = alpha < 1 ? Math.log(word(0, domains.boost)) / alpha : 0;
  for (let tries = 0; ; tries++) {
    const x = Math.SQRT2 * erfinv(2 * word(tries, domains.normal) - 1);
    const root = 1 + x / Math.sqrt(9 * d);
    if (root <= 0) continue;
    const logV = 3 * Math.log(root);
    const bound = 0.5 * x * x + d * (1 - root ** 3 + logV);
    if (Math.log(word(tries, domains.accept)) < bound) return Math.log(d) + logV + boost;
  }
}

/** The derivative in alpha of a logarithm of a gamma variable. */
function implicitSlope(alpha: Tensor, logarithm: Tensor): Tensor {
  // Below e^-50 the distribution function is a power, up to the last digit.
  const isTiny = lt(logarithm, filledLike(logarithm, -50));
  const power = divide(subtract(digamma(sum(alpha, filledLike(alpha, 1))), logarithm), alpha);
  const z = exp(where(isTiny, filledLike(logarithm, 0), logarithm));
  const moved = incompleteGamma(alpha, z, { of: 'lower', order: 1 });
  const density = multiply(z, incompleteGamma(alpha, z, { of: 'density', order: 0 }));
  return where(isTiny, power, negate(divide(moved, density)));
}

function sampleOf(
  title: string,
  shape: readonly number[],
  values: readonly number[],
  counter = 0,
): Sample<object> {
  const words = [42, -7, counter].map((word) => ({
    shape,
    dtype: 'int32' as const,
    values: [word, word + 1, word - 9, 2 ** 31 - 1],
  }));
  // The derivative is not that of one draw with its words held fixed.
  return { title, operands: [...words, { shape, values }], params: {}, smooth: false };
}

const nan = Number.NaN;

/**
 * Logarithms of gamma variables of shape alpha and scale 1: one for each pair of key words and
 * counter, int32, and alpha, all of one shape. NaN where alpha is not positive and finite.
 */
export const logGammaDraw: CallablePrimitive<4, object> = definePrimitive({
  name: 'logGammaDraw',
  arity: 4,
  type: (operands) => {
    const [k0, k1, counter, alpha] = operands;
    const all = operands.map(describeType).join(', ');
    if (!k0 || !k1 || !counter || !alpha) throw new TypeError(`logGammaDraw: got ${all}.`);
    if ([k0, k1, counter].some(({ dtype }) => dtype !== 'int32') || !isFloat(alpha.dtype)) {
      throw new DTypeError(
        `logGammaDraw: keys and counters are int32, alpha is float64 or float32; got ${all}.`,
      );
    }
    if (!operands.every(({ shape }) => sameShape(shape, alpha.shape))) {
      throw new ShapeError(`logGammaDraw: operands have one shape; got ${all}.`);
    }
    return tensorType(alpha.dtype, alpha.shape);
  },
  linearize: (operands) => {
    const [, , , alpha] = operands;
    const logarithm = logGammaDraw(...operands);
    const slope = implicitSlope(alpha, logarithm);
    return [logarithm, null, null, null, (tangent) => tangentMul(slope, tangent)];
  },
  vmap: (operands, batched) => {
    const [k0, k1, counter, alpha] = alignBatch(operands, batched);
    if (!k0 || !k1 || !counter || !alpha) throw new Error('unreachable');
    return logGammaDraw(k0, k1, counter, alpha);
  },
  lower: {
    kind: 'nest',
    emit: (k, reads, { results: [result] }) => {
      k.forEach(result?.shape ?? [], (index) => {
        const [k0, k1, counter, alpha] = reads.map((read) => read(index));
        if (!k0 || !k1 || !counter || !alpha) throw new Error('unreachable');
        const shape = k.local('float64', cast('float64', alpha));
        const value = k.local('float64', num(Number.NaN));
        const valid = binary(
          'and',
          compare('gt', shape.get(), num(0)),
          compare('lt', shape.get(), num(Number.POSITIVE_INFINITY)),
        );
        k.choose(valid, () => value.set(draw(k, [k0, k1], counter, shape.get())));
        k.write(0, index, cast(result?.dtype ?? 'float64', value.get()));
      });
    },
  },
});

/** What the laws hold `logGammaDraw` to. */
export const logGammaDrawLaws: Laws = forLaws<4, object>(logGammaDraw, {
  reference: ([k0, k1, counter, alpha]) => {
    if (!k0 || !k1 || !counter || !alpha) throw new Error('unreachable');
    const data = allocate(alpha.type.dtype, alpha.data.length);
    alpha.data.forEach((value, i) => {
      data[i] = drawReference([k0.data[i] ?? 0, k1.data[i] ?? 0], counter.data[i] ?? 0, value);
    });
    return data;
  },
  samples: () => [
    sampleOf('large and small shapes', [9], [0.3, 1, 2.5, 20, 1e-3, 1e6, 0.99, 7, 100]),
    sampleOf('one element', [1], [3]),
    // Of u the last digits matter as well.
    sampleOf('one element, with a u of 0.00005', [1], [0.3], 214),
    sampleOf('nothing', [0], []),
    sampleOf('a table', [2, 3], [0.5, 2]),
    sampleOf('special values', [6], [0, -1, Number.POSITIVE_INFINITY, nan, -0, 1e-310]),
  ],
});
