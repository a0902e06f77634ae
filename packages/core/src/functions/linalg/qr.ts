import { concatenate } from '../../primitives/concatenate.ts';
import { dot } from '../../primitives/dot.ts';
import { householderQr, partOfQr } from '../../primitives/householder-qr.ts';
import { matrixTranspose } from '../../primitives/matrices.ts';
import type { TensorLike } from '../../tensor/methods.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { at } from '../shape.ts';
import { matricesOf, unflattened } from './matrices.ts';

/** Q and R of a batch of matrices `[b, m, n]`, with k = min(m, n) columns and rows. */
export function reducedQr(x: Tensor): [q: Tensor, r: Tensor] {
  const [, m = 0, n = 0] = x.shape;
  if (m >= n) {
    const both = householderQr(x);
    return [partOfQr(both, 'q'), partOfQr(both, 'r')];
  }
  const both = householderQr(at(x, null, null, [0, m]));
  const q = partOfQr(both, 'q');
  const rest = dot(matrixTranspose(q), at(x, null, null, [m, n]));
  return [q, concatenate([partOfQr(both, 'r'), rest], { axis: 2 })];
}

/**
 * `[q, r]` with A = Q R of matrices `[..., m, n]`, k = min(m, n): Q is `[..., m, k]` with orthonormal
 * columns, R is `[..., k, n]` and upper triangular. By Householder reflections; the signs are those of
 * LAPACK.
 *
 * @throws MatrixError when a derivative is asked for where the first k columns depend on each other.
 * @see Walter and Lehmann, Algorithmic differentiation of linear algebra functions, arXiv:1001.1654 (2010).
 */
export function qr(a: TensorLike): [q: Tensor, r: Tensor] {
  const { x, lead } = matricesOf('linalg.qr', a);
  const [q, r] = reducedQr(x);
  return [unflattened(q, lead), unflattened(r, lead)];
}
