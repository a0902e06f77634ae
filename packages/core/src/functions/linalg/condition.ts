import { checkFinite, checkOptions } from '../../tensor/check.ts';
import { roundingUnit } from '../../tensor/dtype.ts';
import type { TensorLike } from '../../tensor/methods.ts';
import { formatShape, ShapeError } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { div, gt, mul } from '../elementwise.ts';
import { max, sum } from '../reduce.ts';
import { at } from '../shape.ts';
import { matrixArgument } from './matrix-argument.ts';
import { svdvals } from './svd.ts';

/** Which singular values count. */
export interface RankOptions {
  /**
   * Singular values up to this share of the largest count as zero; unless said otherwise, max(m, n) times
   * the distance of 1 to the next number.
   */
  readonly rtol?: number;
}

/**
 * The ratios `[...]` of the largest to the smallest singular value of matrices `[..., m, n]`; Infinity where
 * the smallest is 0.
 *
 * @throws ShapeError when a has fewer than two axes, or is empty.
 */
export function cond(a: TensorLike): Tensor {
  const x = matrixArgument('linalg.cond', a);
  if (Math.min(...x.shape.slice(-2)) === 0) {
    throw new ShapeError(
      `linalg.cond: matrices of shape ${formatShape(x.shape)} have no singular values.`,
    );
  }
  const s = svdvals(x);
  return div(valueAt(s, 0), valueAt(s, -1));
}

/**
 * The ranks `[...]` of matrices `[..., m, n]`, int32: how many singular values are more than a share of the
 * largest.
 *
 * @throws ShapeError when a has fewer than two axes.
 */
export function matrixRank(a: TensorLike, options: RankOptions = {}): Tensor {
  checkOptions('linalg.matrixRank', options, ['rtol']);
  const x = matrixArgument('linalg.matrixRank', a);
  const s = svdvals(x);
  const [m = 0, n = 0] = x.shape.slice(-2);
  const { rtol = 2 * roundingUnit(s.dtype) * Math.max(m, n) } = options;
  checkFinite('linalg.matrixRank', 'rtol', rtol);
  const largest = Math.min(m, n) === 0 ? s : max(s, { axis: -1, keepdims: true });
  return sum(gt(s, mul(largest, rtol)).astype('int32'), { axis: -1 });
}

function valueAt(s: Tensor, position: number): Tensor {
  return at(s, ...s.shape.slice(1).map(() => null), position);
}
