import type { Traced } from '@grad/core';

/** Where a minimization stands after an iteration; iteration 0 is the start. */
export interface MinimizeIteration<X> {
  readonly iteration: number;
  readonly value: number;
  /** The largest amount by which a constraint is violated. */
  readonly violation: number;
  /** What is to fall to `tolerance`: the error in the conditions of a minimum. */
  readonly error: number;
  /** The point, made when it is asked for. */
  readonly x: Traced<X>;
}

/** Bounds of unknowns: one number for all, or a tree like x of numbers and tensors. Left out, there are none. */
export interface Bounds {
  readonly lower?: number | object;
  readonly upper?: number | object;
}

/** Options of `minimize`, and of what `minimizer` makes, without constraints. */
export interface MinimizerOptions<X> {
  /**
   * `lbfgs` takes values and gradients and neither bounds nor constraints, and is chosen where there are none;
   * `interiorPoint` takes exact second derivatives and everything.
   */
  readonly method?: 'auto' | 'lbfgs' | 'interiorPoint';
  readonly bounds?: Bounds | undefined;
  /** The error in the conditions of a minimum to stop at, scaled; 1e-8 when left out. */
  readonly tolerance?: number;
  /** 1000 when left out. */
  readonly maxIterations?: number;
  /** Called at the start and after each iteration. */
  readonly callback?: ((iteration: MinimizeIteration<X>) => void) | undefined;
  /** Stops with the status `'aborted'` and the point of the last iteration. */
  readonly signal?: AbortSignal | undefined;
}

/** Constraints of `minimizer`. */
export interface MinimizerConstraints<X, A, E = null, I = null> {
  /** A tensor, or a tree of them, that is to be 0. The tree gives constraints their names. */
  readonly equalities?: ((x: Traced<X>, args: Traced<A>) => E) | undefined;
  /** A tensor, or a tree of them, that is to be at least 0. */
  readonly inequalities?: ((x: Traced<X>, args: Traced<A>) => I) | undefined;
}

/** Options of `minimize`. */
export interface MinimizeOptions<X, E = null, I = null> extends MinimizerOptions<X> {
  /** A tensor, or a tree of them, that is to be 0. The tree gives constraints their names. */
  readonly equalities?: ((x: Traced<X>) => E) | undefined;
  /** A tensor, or a tree of them, that is to be at least 0. */
  readonly inequalities?: ((x: Traced<X>) => I) | undefined;
}

/**
 * Multipliers, in the structures of what they belong to: by how much the least value rises when a constraint
 * is to be `e` in place of 0, or a bound moves by `e`, for each `e`. Those of inequalities and lower bounds are 0
 * or more, those of upper bounds 0 or less.
 */
export interface Multipliers<X, E, I> {
  readonly equalities: Traced<E>;
  readonly inequalities: Traced<I>;
  readonly lower: Traced<X>;
  readonly upper: Traced<X>;
}

/** A constraint that does not hold, and by how much. */
export interface Violation {
  /** Its place in the tree that the function returned, such as `equalities.defects[3, 1]`. */
  readonly name: string;
  readonly amount: number;
}

/** The end of a constrained minimization. */
export interface ConstrainedMinimum<X, E, I> {
  readonly x: Traced<X>;
  readonly value: number;
  readonly multipliers: Multipliers<X, E, I>;
  /** Constraints that do not hold to `1e-6`, relative to 1 or their gradient, the worst first. */
  readonly violated: readonly Violation[];
  readonly iterations: number;
  /**
   * - `converged`: a minimum to the tolerance;
   * - `infeasible`: violations were made as small as they are around there, and are not 0; see `violated`;
   * - `unbounded`: the value falls without end;
   * - `stuck`: no step makes it better; rounding, or a function that is not smooth;
   * - `maxIterations`, `notFinite` (where it stands), `aborted`.
   */
  readonly status:
    | 'converged'
    | 'infeasible'
    | 'unbounded'
    | 'stuck'
    | 'maxIterations'
    | 'notFinite'
    | 'aborted';
  /** The status in words, with the numbers that led to it. */
  readonly message: string;
}
