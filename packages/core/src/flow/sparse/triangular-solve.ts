import { product } from '../../functions/sparse/product.ts';
import {
  checkRightSide,
  checkSquare,
  type SparseMatrix,
} from '../../functions/sparse/sparse-matrix.ts';
import { transpose } from '../../functions/sparse/transpose.ts';
import { solveTriangle, triangleOf } from '../../functions/sparse/triangle.ts';
import { checkOptions } from '../../tensor/check.ts';
import type { TensorLike } from '../../tensor/methods.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { implicitLinearSolve } from '../implicit-linear-solve.ts';

/** Which triangle is solved with, and how. */
export interface TriangularSolveOptions {
  /** Whether the upper triangle counts, and not the lower one. */
  readonly upper?: boolean;
  /** Whether the diagonal is taken to be ones. */
  readonly unit?: boolean;
  /** Whether the transposed triangle is solved with. */
  readonly transposed?: boolean;
}

/**
 * The solution of a system with a triangle of a sparse matrix; what is outside of the triangle does not
 * count. Differentiable in the values and the right-hand side, a vector `[n]` or a matrix `[n, k]`.
 *
 * @throws MatrixError when the call runs and an element of the diagonal is 0; it names the row.
 */
export function triangularSolve(
  matrix: SparseMatrix,
  b: TensorLike,
  options: TriangularSolveOptions = {},
): Tensor {
  const name = 'sparse.triangularSolve';
  checkOptions(name, options, ['upper', 'unit', 'transposed']);
  const own = checkSquare(name, 'the first argument', matrix);
  const rhs = checkRightSide(name, b, own.pattern.shape[0], own);
  const { upper = false, unit = false, transposed = false } = options;
  const triangle = triangleOf(own, { upper, unit });
  const multiplied = transposed ? transpose(triangle) : triangle;
  const solver = (flipped: boolean) => (_: unknown, right: Tensor) =>
    solveTriangle(triangle, right, { upper, transposed: flipped });
  return implicitLinearSolve<Tensor>((x) => product(multiplied, x), rhs, {
    solve: solver(transposed),
    transposeSolve: solver(!transposed),
  });
}
