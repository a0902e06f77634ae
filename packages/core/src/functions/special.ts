import { div } from '../primitives/arithmetic.ts';
import { filledLike } from '../primitives/create.ts';
import * as elementary from '../primitives/elementary.ts';
import * as errorFunction from '../primitives/error-function.ts';
import * as gamma from '../primitives/gamma.ts';
import * as hyperbolic from '../primitives/hyperbolic.ts';
import { hypot as hypotPrimitive } from '../primitives/hypot.ts';
import { incompleteBeta } from '../primitives/incomplete-beta.ts';
import { incompleteGamma } from '../primitives/incomplete-gamma.ts';
import * as inverseHyperbolic from '../primitives/inverse-hyperbolic.ts';
import * as inverse from '../primitives/inverse-trigonometric.ts';
import * as logarithm from '../primitives/logarithm-to-base.ts';
import * as smooth from '../primitives/softplus.ts';
import type { TensorLike } from '../tensor/methods.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { align, toFloat } from './promote.ts';

/** 1 / sqrt(x); Infinity at 0, NaN below. */
export function rsqrt(x: TensorLike): Tensor {
  const made = toFloat(x, 'rsqrt');
  return div(filledLike(made, 1), elementary.sqrt(made));
}

/** Angle in [-pi/2, pi/2] whose sine is x; NaN outside [-1, 1]. */
export function asin(x: TensorLike): Tensor {
  return inverse.asin(toFloat(x, 'asin'));
}

/** Angle in [0, pi] whose cosine is x; NaN outside [-1, 1]. */
export function acos(x: TensorLike): Tensor {
  return inverse.acos(toFloat(x, 'acos'));
}

/** Angle in [-pi/2, pi/2] whose tangent is x. */
export function atan(x: TensorLike): Tensor {
  return inverse.atan(toFloat(x, 'atan'));
}

/**
 * Angle in [-pi, pi] of the point (x, y), broadcast; signs of zeros and infinities as in the C
 * standard. The derivative at the origin is NaN.
 */
export function atan2(y: TensorLike, x: TensorLike): Tensor {
  const [a, b] = align('atan2', [y, x]);
  if (!a || !b) throw new Error('unreachable');
  return inverse.atan2(toFloat(a), toFloat(b));
}

/** Hyperbolic sine. */
export function sinh(x: TensorLike): Tensor {
  return hyperbolic.sinh(toFloat(x, 'sinh'));
}

/** Hyperbolic cosine. */
export function cosh(x: TensorLike): Tensor {
  return hyperbolic.cosh(toFloat(x, 'cosh'));
}

/** The number whose hyperbolic sine is x. */
export function asinh(x: TensorLike): Tensor {
  return inverseHyperbolic.asinh(toFloat(x, 'asinh'));
}

/** The number from 0 on whose hyperbolic cosine is x; NaN below 1. */
export function acosh(x: TensorLike): Tensor {
  return inverseHyperbolic.acosh(toFloat(x, 'acosh'));
}

/** The number whose hyperbolic tangent is x; infinite at -1 and 1, NaN beyond. */
export function atanh(x: TensorLike): Tensor {
  return inverseHyperbolic.atanh(toFloat(x, 'atanh'));
}

/** The logarithm to the base 2; whole for a power of 2. */
export function log2(x: TensorLike): Tensor {
  return logarithm.log2(toFloat(x, 'log2'));
}

/** The logarithm to the base 10; whole for a power of 10. */
export function log10(x: TensorLike): Tensor {
  return logarithm.log10(toFloat(x, 'log10'));
}

/**
 * sqrt(x^2 + y^2), broadcast, without overflow; infinite where either is. The derivative at the origin is 0.
 */
export function hypot(x: TensorLike, y: TensorLike): Tensor {
  const [a, b] = align('hypot', [x, y]);
  if (!a || !b) throw new Error('unreachable');
  return hypotPrimitive(toFloat(a), toFloat(b));
}

/** log(1 + e^x), a smooth max(x, 0), without overflow. */
export function softplus(x: TensorLike): Tensor {
  return smooth.softplus(toFloat(x, 'softplus'));
}

/**
 * The error function, 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x.
 *
 * @see Shepherd and Laframboise, Chebyshev approximation of (1 + 2x) exp(x^2) erfc x, Mathematics
 *   of Computation 36 (1981) 249-253, for the variable of the approximation.
 */
export function erf(x: TensorLike): Tensor {
  return errorFunction.erf(toFloat(x, 'erf'));
}

/** 1 - erf(x), to full relative accuracy where it is small. */
export function erfc(x: TensorLike): Tensor {
  return errorFunction.erfc(toFloat(x, 'erfc'));
}

/**
 * The number whose error function is x; infinite at -1 and 1, NaN beyond.
 *
 * @see Giles, Approximating the erfinv function, GPU Computing Gems (2011), for the variables of
 *   the approximation that one step of Halley's method refines.
 */
export function erfinv(x: TensorLike): Tensor {
  return errorFunction.erfinv(toFloat(x, 'erfinv'));
}

/**
 * log |gamma(x)|; Infinity at 0 and at negative whole numbers. Near the zeros between those the
 * error is absolute, 2 units in the last place of 1.
 *
 * @see Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 6.1.17 and 6.1.40.
 */
export function lgamma(x: TensorLike): Tensor {
  return gamma.lgamma(toFloat(x, 'lgamma'));
}

/**
 * The derivative of log |gamma(x)|; -Infinity at 0, NaN at negative whole numbers. Near the zeros
 * between those the error is absolute, 2 units in the last place of 1.
 *
 * @see Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 6.3.5, 6.3.7 and 6.3.18.
 */
export function digamma(x: TensorLike): Tensor {
  return gamma.digamma(toFloat(x, 'digamma'));
}

/**
 * The derivative of digamma of an order of 1 or more; order 0 is digamma itself. In float64 the
 * error for x > 0 is up to 2 units in the last place, and for x < 0 as many of the largest term of the
 * reflection.
 *
 * @throws RangeError when the order is not a whole number of 0 to 20.
 * @see Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 6.4.6 and 6.4.11.
 */
export function polygamma(order: number, x: TensorLike): Tensor {
  if (!Number.isInteger(order) || order < 0 || order > 20) {
    throw new RangeError(`polygamma: the order is a whole number of 0 to 20, not ${order}.`);
  }
  return order === 0 ? digamma(x) : gamma.polygamma(toFloat(x, 'polygamma'), { order });
}

/** Operands of one float dtype and shape. */
function floats(name: string, operands: readonly TensorLike[]): Tensor[] {
  return align(name, operands).map((x) => toFloat(x, name));
}

/**
 * The regularised lower incomplete gamma function, broadcast: the integral of
 * t^(a - 1) e^-t / gamma(a) from 0 to x, which is the distribution function of a gamma variable of
 * shape a. It is 1 at a = 0 and NaN for a or x below 0. Differentiable in both, any number of times.
 *
 * In float64 the error is a few units in the last place, and at most 16 for a up to 500; it grows
 * with the fourth root of a, and the time with the square root. Where a derivative in a passes
 * through 0, its error is absolute.
 *
 * @see Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 6.5.29 and 6.5.31; Gautschi, A
 *   computational procedure for incomplete gamma functions, ACM Transactions on Mathematical
 *   Software 5 (1979) 466-481, on which to use where.
 */
export function gammainc(a: TensorLike, x: TensorLike): Tensor {
  const [shape, at] = floats('gammainc', [a, x]);
  if (!shape || !at) throw new Error('unreachable');
  return incompleteGamma(shape, at, { of: 'lower', order: 0 });
}

/**
 * The regularised upper incomplete gamma function, 1 - gammainc(a, x), to full relative accuracy where
 * it is small. See `gammainc`.
 */
export function gammaincc(a: TensorLike, x: TensorLike): Tensor {
  const [shape, at] = floats('gammaincc', [a, x]);
  if (!shape || !at) throw new Error('unreachable');
  return incompleteGamma(shape, at, { of: 'upper', order: 0 });
}

/**
 * The regularised incomplete beta function, broadcast: the integral of
 * t^(a - 1) (1 - t)^(b - 1) / B(a, b) from 0 to x, which is the distribution function of a beta
 * variable. 1 less it is betainc(b, a, 1 - x). NaN for a or b below 0 and x outside [0, 1].
 * Differentiable in all three, any number of times.
 *
 * In float64 the error is a few units in the last place, and at most 64 for a and b up to 1000; the
 * time grows with the square root of the larger. Where a derivative in a or b passes through 0, its
 * error is absolute.
 *
 * @see NIST Handbook of Mathematical Functions (2010), 8.17.22.
 */
export function betainc(a: TensorLike, b: TensorLike, x: TensorLike): Tensor {
  const [first, second, at] = floats('betainc', [a, b, x]);
  if (!first || !second || !at) throw new Error('unreachable');
  return incompleteBeta(first, second, at, { of: 'integral', inA: 0, inB: 0 });
}
