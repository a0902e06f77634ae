import type { Tensor } from '@grad/core';
import type { LbfgsOptions, MinimumStatus } from '@grad/optim';

/** Where a minimization stands after an iteration; iteration 0 is the background. */
export interface AnalysisIteration {
  readonly iteration: number;
  readonly cost: number;
  /** Euclidean norm of the gradient in the control variable. */
  readonly gradientNorm: number;
  /** Evaluations of cost and gradient so far. */
  readonly evaluations: number;
  /** Iterations of conjugate gradients so far; 0 for L-BFGS. */
  readonly innerIterations: number;
  /** The initial state, made when it is asked for. */
  readonly state: Tensor;
}

/** How a cost is minimized. */
export interface MinimizeOptions extends Omit<LbfgsOptions<Tensor>, 'onIteration'> {
  /**
   * `lbfgs`, the default, uses cost and gradient alone. `gaussNewton` and `incremental` linearize model and
   * observations about the last state (outer loop) and minimize the quadratic cost of increments by conjugate
   * gradients on the tangent linear and adjoint models (inner loop): `gaussNewton` to the end,
   * `incremental` for few iterations.
   */
  readonly method?: 'lbfgs' | 'gaussNewton' | 'incremental';
  /**
   * The control variable: `cvt`, the default, is v in x = xb + S v with B = S S', which makes the
   * background term v'v / 2 and the problem well scaled; `none` is the state itself.
   */
  readonly transform?: 'none' | 'cvt';
  /** Most iterations of an inner loop: 30 for `incremental`, ten for each number of the state for `gaussNewton`. */
  readonly innerIterations?: number;
  /** Fall of the gradient at which an inner loop stops: 1e-2 for `incremental`, 1e-12 for `gaussNewton`. */
  readonly innerTolerance?: number;
  /** Called at the background and after each iteration. */
  readonly onIteration?: ((iteration: AnalysisIteration) => void) | undefined;
}

/** The end of a minimization. */
export interface Analysis {
  /** The initial state of least cost. */
  readonly analysis: Tensor;
  /** Its cost. */
  readonly cost: number;
  /** The cost of the background. */
  readonly backgroundCost: number;
  /** Euclidean norm of the gradient in the control variable at the analysis. */
  readonly gradientNorm: number;
  /** Iterations of L-BFGS, or of the outer loop. */
  readonly iterations: number;
  /** Iterations of conjugate gradients in all inner loops; 0 for L-BFGS. */
  readonly innerIterations: number;
  /** Evaluations of cost and gradient. */
  readonly evaluations: number;
  /** Why the minimization stopped; see `lbfgs` of @grad/optim. */
  readonly status: MinimumStatus;
  /** The status in words. */
  readonly message: string;
  /** States from the analysis to the last observation, computed when asked for: shape [steps + 1, n]. */
  readonly trajectory: Tensor;
}
