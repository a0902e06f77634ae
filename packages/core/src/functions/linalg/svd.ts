import { matrixTranspose } from '../../primitives/matrices.ts';

import { svd as decompose } from '../../primitives/svd.ts';
import { unpackSvd } from '../../primitives/svd-packing.ts';
import { checkOptions } from '../../tensor/check.ts';
import type { TensorLike } from '../../tensor/methods.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { reshape } from '../shape.ts';
import { matrixArgument } from './matrix-argument.ts';

/** What to compute besides singular values. */
export interface SvdOptions {
  /** Whether u and vt are whole bases, `[..., m, m]` and `[..., n, n]`; false unless said otherwise. */
  readonly fullMatrices?: boolean;
}

/**
 * The singular value decomposition of matrices `[..., m, n]`: `[u, s, vt]` with u `[..., m, k]`,
 * s `[..., k]` falling and vt `[..., k, n]`, k = min(m, n), so that `a = u diag(s) vt`. In each column of u
 * the first element whose magnitude is at least 0.9 of the largest is positive. A matrix with an
 * element that is not finite has NaN for its results.
 *
 * Derivatives exist where singular values are apart and not 0. Vectors of singular values that are equal, up
 * to 16 k rounding units of the largest, count as turning together, so that derivatives are right for what
 * does not depend on the choice of a basis among them, such as `u vt` or a sum of functions of s; and
 * terms divided by singular values that are zero up to rounding are zero. Columns of whole bases without a
 * singular value move only as they must to stay orthogonal to the others.
 *
 * The method is that of Golub and Reinsch, with errors of a few rounding units of the largest singular value.
 *
 * @throws ShapeError when a has fewer than two axes.
 * @throws ConvergenceError when the iteration takes more than 40 k sweeps, which no matrix is known for.
 */
export function svd(a: TensorLike, options: SvdOptions = {}): [u: Tensor, s: Tensor, vt: Tensor] {
  checkOptions('linalg.svd', options, ['fullMatrices']);
  const x = matrixArgument('linalg.svd', a);
  const vectors = options.fullMatrices ? 'full' : 'thin';
  const { u, s, v } = unpackSvd(decompose(x, { vectors }), x.shape, { vectors });
  return [matrixTranspose(u), reshape(s, [...s.shape.slice(0, -2), s.shape.at(-1) ?? 0]), v];
}

/**
 * Singular values of matrices `[..., m, n]` as `[..., min(m, n)]`, falling; see `svd`.
 *
 * @throws ShapeError when a has fewer than two axes.
 */
export function svdvals(a: TensorLike): Tensor {
  return decompose(matrixArgument('linalg.svdvals', a), { vectors: 'none' });
}
