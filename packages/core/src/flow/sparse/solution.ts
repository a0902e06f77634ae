import { div, eq, gt, sqrt, where } from '../../functions/elementwise.ts';
import { dot } from '../../functions/matmul.ts';
import { reshape } from '../../functions/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** How a linear system was solved. It has no derivative. */
export interface SolveReport {
  /** Whether the solution is as good as was asked: a bool. */
  readonly converged: Tensor;
  /** Iterations of an iterative method, or corrections of a direct one: int32. */
  readonly iterations: Tensor;
  /** `|b - A x| / |b|` in the Euclidean norm, of the solution that is returned; 0 where b is 0. */
  readonly residual: Tensor;
}

/** The solution of a linear system, and how it was found. */
export interface LinearSolution extends SolveReport {
  /** The solution, in the shape of b. */
  readonly x: Tensor;
}

/** A linear map of vectors. */
export type Apply = (x: Tensor) => Tensor;

/** The Euclidean norm of all elements. */
export function norm(x: Tensor): Tensor {
  const flat = reshape(x, [x.size]);
  return sqrt(dot(flat, flat));
}

/** The norm of a residual for one of a right-hand side; 0 where both are. */
export function relative(residual: Tensor, b: Tensor): Tensor {
  const size = where(gt(b, 0), b, 1);
  return where(eq(residual, 0), 0, div(residual, size));
}
