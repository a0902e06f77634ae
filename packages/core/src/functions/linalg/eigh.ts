import { eigh as decompose } from '../../primitives/eigh.ts';
import { matrixTranspose } from '../../primitives/matrices.ts';
import { rows } from '../../primitives/matrix.ts';
import type { TensorLike } from '../../tensor/methods.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { reshape } from '../shape.ts';
import { squareArgument } from './matrix-argument.ts';

/**
 * Eigenvalues and eigenvectors of symmetric matrices `[..., n, n]`: `[w, v]` with w `[..., n]` rising and
 * v `[..., n, n]`, whose column i belongs to w_i, so that `a = v diag(w) v'`. Of a matrix that is not
 * symmetric it takes the symmetric part (a + a') / 2, and derivatives are symmetric likewise. In each
 * eigenvector the first element whose magnitude is at least 0.9 of the largest is positive. A matrix with an
 * element that is not finite has NaN for its results.
 *
 * Derivatives exist where eigenvalues are apart. Where some are equal, up to 16 n rounding units of the
 * largest, their eigenvectors are not defined one by one, and count as not moving into each other. Then
 * derivatives are right for what does not depend on the choice of a basis among them: symmetric
 * functions of eigenvalues (a sum of powers, logdet), and functions of the spaces that
 * eigenvalues span together (a projection). A function of the matrix, `v diag(f(w)) v'`, is not of this kind:
 * `linalg.matrixFunction` has its derivatives.
 *
 * The method is that of Householder and the implicit QL iteration, with errors of a few rounding units of
 * the largest eigenvalue (Golub and Van Loan, Matrix Computations (2013), section 8.3).
 *
 * @throws ShapeError when a has fewer than two axes or the last two differ.
 * @throws ConvergenceError when the iteration takes more than 40 n sweeps, which no matrix is known for.
 */
export function eigh(a: TensorLike): [w: Tensor, v: Tensor] {
  const packed = decompose(squareArgument('linalg.eigh', a), { vectors: true });
  const n = packed.shape.at(-1) ?? 0;
  const w = reshape(rows(packed, 0, 1), [...packed.shape.slice(0, -2), n]);
  return [w, matrixTranspose(rows(packed, 1, n))];
}

/**
 * Eigenvalues of symmetric matrices `[..., n, n]` as `[..., n]`, rising; see `eigh`. Without eigenvectors
 * they take about a third of the time.
 *
 * @throws ShapeError when a has fewer than two axes or the last two differ.
 */
export function eigvalsh(a: TensorLike): Tensor {
  return decompose(squareArgument('linalg.eigvalsh', a), { vectors: false });
}
