import { cholesky as factor } from '../../primitives/cholesky.ts';
import { matrixTranspose } from '../../primitives/matrices.ts';
import { checkOptions } from '../../tensor/check.ts';
import type { TensorLike } from '../../tensor/methods.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { add, mul } from '../elementwise.ts';
import { squareOf, unflattened } from './matrices.ts';

/** Options of `cholesky`. */
export interface CholeskyOptions {
  /** Whether the mean of the matrix and its transpose is factorized; false unless said otherwise. */
  readonly symmetrize?: boolean;
}

/**
 * The lower triangular L with L L' = A, of positive definite matrices `[..., n, n]`. Like LAPACK, it
 * reads the lower triangle alone, and so does its derivative, unless `symmetrize` is set.
 *
 * @throws ShapeError when the last two axes differ.
 * @throws MatrixError when a matrix is not positive definite or has a NaN, with the pivot that shows it.
 * @see Murray, Differentiation of the Cholesky decomposition, arXiv:1602.07527 (2016).
 */
export function cholesky(a: TensorLike, options: CholeskyOptions = {}): Tensor {
  checkOptions('linalg.cholesky', options, ['symmetrize']);
  const { x, lead } = squareOf('linalg.cholesky', a);
  const symmetric = options.symmetrize ? mul(add(x, matrixTranspose(x)), 0.5) : x;
  return unflattened(factor(symmetric), lead);
}
