import type { Tensor } from '@grad/core';
import type { ControllerGains } from './tableau.ts';

/** The right-hand side, of a vector. */
export type Slope = (t: Tensor, y: Tensor) => Tensor;

/** A step that was taken, with all that its interpolant needs. */
export interface TakenStep {
  readonly t: Tensor;
  readonly y: Tensor;
  readonly h: Tensor;
  readonly stages: readonly Tensor[];
}

/** A step that may be taken or refused. */
export interface Trial {
  readonly y: Tensor;
  /** What the next step starts with. */
  readonly memory: readonly Tensor[];
  readonly stages: readonly Tensor[];
  /** Estimated errors of each element, by one estimate or two. */
  readonly errors: readonly Tensor[];
  /** An estimate of |h lambda| for the largest eigenvalue; null where the method does not mind. */
  readonly stiffness: Tensor | null;
}

/** A method with error estimates. */
export interface AdaptiveMethod {
  readonly name: string;
  readonly errorOrder: number;
  readonly controller: ControllerGains;
  /** Stages kept for the interpolant. */
  readonly stages: number;
  /** Calls of f in each step. */
  readonly evaluations: number;
  /** The largest |h lambda| with which steps are stable; infinite for a stiff solver. */
  readonly realStability: number;
  /** What the first step starts with, from the slope there. */
  start(slope: Tensor): readonly Tensor[];
  step(f: Slope, t: Tensor, y: Tensor, memory: readonly Tensor[], h: Tensor): Trial;
  /** Coefficients of theta, theta^2, ... in y(t + theta h) - y(t). */
  interpolant(f: Slope, step: TakenStep): readonly Tensor[];
}
