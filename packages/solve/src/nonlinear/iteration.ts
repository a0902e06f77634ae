import type { Tensor } from '@grad/core';

/** When an iteration ends. */
export interface IterationLimits {
  readonly tol: number;
  readonly maxIterations: number;
}

/** The end of an iteration. */
export interface Iteration {
  readonly x: Tensor;
  /** The largest element of the residual at x. */
  readonly residual: Tensor;
  readonly iterations: Tensor;
  readonly code: Tensor;
}
