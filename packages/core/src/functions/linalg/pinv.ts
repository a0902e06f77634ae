import { pinv as invert } from '../../primitives/pinv.ts';
import { checkFinite, checkOptions } from '../../tensor/check.ts';
import type { TensorLike } from '../../tensor/methods.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { matrixArgument } from './matrix-argument.ts';

/** Which singular values count. */
export interface PinvOptions {
  /**
   * Singular values up to this share of the largest count as zero; unless said otherwise, max(m, n) times
   * the distance of 1 to the next number.
   */
  readonly rtol?: number;
}

/**
 * Pseudoinverses `[..., n, m]` of matrices `[..., m, n]` (Moore and Penrose), by singular values. Derivatives
 * are those along matrices of the same rank.
 *
 * @throws ShapeError when a has fewer than two axes.
 * @see Golub and Pereyra, SIAM Journal on Numerical Analysis 10 (1973) 413-432.
 */
export function pinv(a: TensorLike, options: PinvOptions = {}): Tensor {
  checkOptions('linalg.pinv', options, ['rtol']);
  const { rtol } = options;
  if (rtol !== undefined) checkFinite('linalg.pinv', 'rtol', rtol);
  return invert(matrixArgument('linalg.pinv', a), rtol === undefined ? {} : { rtol });
}
