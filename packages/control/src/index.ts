/**
 * Optimal control: collocation, Pontryagin's principle and linear-quadratic regulators.
 *
 * @module
 */

export { hamiltonian } from './hamiltonian.ts';
export { type LinearQuadratic, lqr, type Regulator, tvlqr } from './lqr.ts';
export { optimalControl } from './optimal-control.ts';
export type { ControlProblem, Range } from './problem.ts';
export type {
  Arc,
  ControlIteration,
  ControlOptions,
  ControlSolution,
  ControlViolation,
  FollowOptions,
  Guess,
  Held,
} from './solution.ts';
export type { Scheme } from './tableau.ts';
