import type { Argument, Tensor, TensorLike, Traced } from '@grad/core';
import type { ConstrainedMinimum, MinimizeIteration, Violation } from '@grad/optim';
import type { SolveStatus } from '@grad/solve';
import type { Integration } from './step.ts';
import type { Scheme } from './tableau.ts';

/** What a control does in an arc: it stays at its lower or upper bound, or makes H stationary. */
export type Held = 'lower' | 'upper' | 'free';

/** What all controls do in an arc, or each of them. */
export type Arc = Held | readonly Held[];

/** Where a solution stands. */
export type ControlIteration = Pick<
  MinimizeIteration<unknown>,
  'iteration' | 'value' | 'violation' | 'error'
>;

/** How long to go on, and how to look on. */
export interface FollowOptions {
  /** 500 when left out. */
  readonly maxIterations: number;
  /** Stops it with the status `aborted`. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each iteration of a minimization, of which a solution can take several. */
  readonly onIteration?: ((at: ControlIteration) => void) | undefined;
}

/** Where to start from: at least one row each; a solution of the problem too. */
export interface Guess {
  /** Rows of n numbers. */
  readonly states?: Tensor | readonly (readonly number[])[];
  /** Rows of m numbers. */
  readonly controls?: Tensor | readonly (readonly number[])[];
  /**
   * When rows are reached, as in a solution: states and controls are as many, and controls that stay the same in intervals are
   * those of the intervals that end there. Left out, rows are at equal distances in time.
   */
  readonly times?: Tensor | readonly number[];
  /** Ends of phases, where durations are unknown and there are as many; at equal distances when left out. */
  readonly switches?: readonly number[];
}

/** How a problem is made one of finitely many unknowns, or of equations. */
export type Method = 'collocation' | 'indirect' | 'shooting' | 'multipleShooting' | 'ilqr';

/** Options of `solve`. `steps` and `hold` are those of shooting. */
export interface ControlOptions<P = unknown> extends Partial<FollowOptions>, Integration {
  /** The state at the start in place of that of the problem, [n]. */
  readonly initial?: TensorLike;
  /** Parameters in place of those of the problem, in their structure and shapes. */
  readonly parameters?: Argument<Traced<P>>;
  /**
   * - `collocation`, when left out: states and controls are polynomials on intervals;
   * - `indirect`: the equations of Pontryagin's principle, from a collocation;
   * - `shooting`: the controls of intervals, with states that follow from them;
   * - `multipleShooting`: the same, with the states at the ends of intervals as unknowns too;
   * - `ilqr`: differential dynamic programming on the controls of intervals.
   */
  readonly method?: Method;
  /** Intervals of each phase; 20 when left out. */
  readonly intervals?: number;
  /** `radau` (order 5), when left out, `hermiteSimpson` (4) or `trapezoidal` (2). */
  readonly scheme?: Scheme;
  /** Phases of free duration, at the ends of which controls may jump. Given in place of arcs, none are looked for. */
  readonly phases?: number;
  /** The sequence of arcs. Left out, collocation and indirect shooting find it, and other methods have a free one. */
  readonly arcs?: readonly Arc[];
  /** An earlier solution, or rows. A line from the initial to the terminal state, and the middle of the bounds of controls, when left out. */
  readonly guess?: Guess;
}

/** A constraint that does not hold, by how much, and when it is farthest from that. */
export interface ControlViolation extends Violation {
  readonly time: number;
}

/** An extremal. Rows belong to `times`. */
export interface ControlSolution<P = unknown> {
  /** [k + 1] */
  readonly times: Tensor;
  /** [k + 1, n] */
  readonly states: Tensor;
  /** [k + 1, m], those of the interval that ends there. */
  readonly controls: Tensor;
  /** [k + 1, n], the derivative of the least cost in the state; NaN where there is no solution. */
  readonly costates: Tensor;
  /** [k + 1] */
  readonly hamiltonian: Tensor;
  /** [k + 1, m], dH/du. */
  readonly switching: Tensor;
  /** What each control does in each phase. */
  readonly arcs: readonly (readonly Held[])[];
  /** Ends of phases, the final time being the last. */
  readonly switches: readonly number[];
  readonly cost: number;
  /** Derivatives of the least cost, by the envelope theorem; null where there is no solution. */
  readonly gradients: { readonly initial: Tensor; readonly parameters: Traced<P> } | null;
  /** The largest amount by which the equations do not hold. */
  readonly defects: number;
  /**
   * As in `minimize`, and for `indirect` as in `root`. An `infeasible` solution is the way that holds the equations of
   * motion and the bounds of controls and comes nearest to the rest.
   */
  readonly status: ConstrainedMinimum<unknown, unknown, unknown>['status'] | SolveStatus;
  readonly message: string;
  /**
   * Constraints that do not hold, the worst first: `terminal[i]` (the state i at the end), `bounds.states.lower[i]`,
   * `bounds.states.upper[i]`, `constraints[i]`, or, where the iterations ended too early, `dynamics[i]`.
   */
  readonly violated: readonly ControlViolation[];
}
