import { ShapeError, type Tensor, where } from '@grad/core';

/** A change of scale, found on one set of rows and applied to others. */
export interface Standardizer {
  /** Mean of each column of the rows it was found on. */
  readonly mean: Tensor;
  /** Standard deviation of each column, and 1 where that is 0. */
  readonly scale: Tensor;
  /** (x - mean) / scale */
  apply(x: Tensor): Tensor;
  /** x * scale + mean */
  invert(x: Tensor): Tensor;
}

/**
 * Finds the mean and the standard deviation (of the population, divided by n) of each column of rows
 * `[n, ...]`, with which they, and others like them, come to mean 0 and variance 1. Columns that do
 * not vary are moved to 0.
 *
 * @throws ShapeError when there are no rows.
 */
export function standardize(rows: Tensor): Standardizer {
  if (rows.ndim === 0 || rows.shape[0] === 0) {
    throw new ShapeError(
      `standardize: rows [n, ...] are needed, n >= 1; these are [${rows.shape.join(', ')}].`,
    );
  }
  const mean = rows.mean({ axis: 0 });
  const deviation = rows.sub(mean).square().mean({ axis: 0 }).sqrt();
  const scale = where(deviation.gt(0), deviation, 1);
  return {
    mean,
    scale,
    apply: (x) => x.sub(mean).div(scale),
    invert: (x) => x.mul(scale).add(mean),
  };
}
