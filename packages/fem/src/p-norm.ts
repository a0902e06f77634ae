import {
  abs,
  max,
  ShapeError,
  stopGradient,
  sum,
  type Tensor,
  type TensorLike,
  tensor,
  where,
} from '@grad/core';

/** Options of `pNorm`. */
export interface PNormOptions {
  /** Exponent, 1 or more; 8 when left out. The larger, the closer to the maximum. */
  readonly p?: number;
  /** Weights of the values, such as areas of elements; 1 when left out. */
  readonly weights?: TensorLike;
}

/**
 * The p-norm (sum_i w_i |x_i|^p)^(1/p): a smooth stand-in for the maximum, of stresses for instance.
 * Values are scaled by the largest, so that no power overflows. Of nothing but zeros it is 0, with
 * derivative 0.
 *
 * @throws RangeError when p is below 1, ShapeError when weights and values differ in shape.
 */
export function pNorm(values: TensorLike, { p = 8, weights = 1 }: PNormOptions = {}): Tensor {
  if (!(p >= 1 && Number.isFinite(p))) {
    throw new RangeError(`pNorm: p is ${p}; give a number of 1 or more.`);
  }
  const x = tensor(values, { dtype: 'float64' });
  const w = tensor(weights, { dtype: 'float64' });
  if (w.ndim > 0 && w.shape.join() !== x.shape.join()) {
    throw new ShapeError(
      `pNorm: weights have shape [${w.shape.join(', ')}] and values [${x.shape.join(', ')}]; give one weight for each.`,
    );
  }
  if (x.size === 0) return tensor(0);
  const sizes = abs(x);
  const largest = stopGradient(max(sizes));
  const scale = where(largest.gt(0), largest, 1);
  const total = sum(sizes.div(scale).pow(p).mul(w));
  const any = total.gt(0);
  return where(
    any,
    where(any, total, 1)
      .pow(1 / p)
      .mul(scale),
    0,
  );
}
