import { triangularSolve as solve } from '../../primitives/triangular-solve.ts';
import { checkOptions } from '../../tensor/check.ts';
import type { TensorLike } from '../../tensor/methods.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { equationsOf } from './matrices.ts';

/** Options of `linalg.triangularSolve`. */
export interface TriangularSolveOptions {
  /** Whether the triangle at and below the diagonal is used (so unless said otherwise), or that above. */
  readonly lower?: boolean;
  /** Whether the equations are T' x = b. */
  readonly transposed?: boolean;
  /** Whether the diagonal counts as ones, whatever stands there. */
  readonly unitDiagonal?: boolean;
}

/**
 * x with T x = b for triangular matrices `[..., n, n]` and b a vector `[n]` or matrices `[..., n, k]`,
 * by substitution; leading axes broadcast. The other triangle is not read.
 *
 * @throws ShapeError when the matrix is not square or b does not fit.
 * @throws MatrixError when there is a zero on the diagonal.
 */
export function triangularSolve(
  t: TensorLike,
  b: TensorLike,
  options: TriangularSolveOptions = {},
): Tensor {
  const name = 'linalg.triangularSolve';
  checkOptions(name, options, ['lower', 'transposed', 'unitDiagonal']);
  const { lower = true, transposed = false, unitDiagonal: unit = false } = options;
  const system = equationsOf(name, t, b, 'square');
  const params = { lower, transposed, unit, tolerance: 0, operation: name };
  return system.finish(solve(system.a, system.b, params));
}
