/**
 * Optimal control: collocation, shooting, Pontryagin's principle, iLQR, and regulators.
 *
 * @module
 */

export { hamiltonian } from './hamiltonian.ts';
export { type LinearQuadratic, lqr, type Regulator, tvlqr } from './lqr.ts';
export { type MpcOptions, mpc, type Plan } from './mpc.ts';
export { optimalControl } from './optimal-control.ts';
export type { ControlProblem, Range } from './problem.ts';
export { costate, type Rollout, type RolloutOptions, rollout } from './rollout.ts';
export type {
  Arc,
  ControlIteration,
  ControlOptions,
  ControlSolution,
  ControlViolation,
  FollowOptions,
  Guess,
  Held,
  Method,
} from './solution.ts';
export type { Integration } from './step.ts';
export type { Scheme } from './tableau.ts';
