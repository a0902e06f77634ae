import type { Tensor } from '@grad/core';
import type { ConstrainedMinimum, MinimizeIteration, Violation } from '@grad/optim';
import type { SolveStatus } from '@grad/solve';
import type { Scheme } from './tableau.ts';

/** What the control does in an arc: it stays at its lower or upper bounds, or makes H stationary. */
export type Arc = 'lower' | 'upper' | 'free';

/** Where a solution stands. */
export type ControlIteration = Pick<
  MinimizeIteration<unknown>,
  'iteration' | 'value' | 'violation' | 'error'
>;

/** How long to go on, and how to look on. */
export interface FollowOptions {
  /** 500 when left out. */
  readonly maxIterations: number;
  /** Stops a collocation with the status `aborted`; a shooting throws. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each iteration of a collocation. */
  readonly onIteration?: ((at: ControlIteration) => void) | undefined;
}

/** Options of `solve`. */
export interface ControlOptions extends Partial<FollowOptions> {
  /** `collocation`, when left out, or `indirect`, which starts from a collocation. */
  readonly method?: 'collocation' | 'indirect';
  /** Intervals of each phase; 20 when left out. */
  readonly intervals?: number;
  /** `radau` (order 5), when left out, `hermiteSimpson` (4) or `trapezoidal` (2). */
  readonly scheme?: Scheme;
  /** Phases of free duration for collocation, at the ends of which controls may jump; as many as arcs, or 1. */
  readonly phases?: number;
  /** The sequence of arcs for `indirect`; one free one when left out. */
  readonly arcs?: readonly Arc[];
}

/** An extremal. Rows belong to `times`. */
export interface ControlSolution {
  /** [k + 1] */
  readonly times: Tensor;
  /** [k + 1, n] */
  readonly states: Tensor;
  /** [k + 1, m], those of the interval that ends there. */
  readonly controls: Tensor;
  /** [k + 1, n], the derivative of the least cost in the state. */
  readonly costates: Tensor;
  /** [k + 1] */
  readonly hamiltonian: Tensor;
  /** [k + 1, m], dH/du. */
  readonly switching: Tensor;
  /** Ends of phases, the final time being the last. */
  readonly switches: readonly number[];
  readonly cost: number;
  /** The largest amount by which the equations do not hold. */
  readonly defects: number;
  readonly status: ConstrainedMinimum<unknown, unknown, unknown>['status'] | SolveStatus;
  readonly message: string;
  /** Constraints that do not hold, the worst first. */
  readonly violated: readonly Violation[];
}
