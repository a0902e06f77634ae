/**
 * Differential equations, linear systems, roots and fixed points, with derivatives.
 *
 * @module
 */

export {
  bicgstab,
  cg,
  type GmresOptions,
  gmres,
  type IterativeOptions,
  type LinearSolution,
  type LinearSolveOptions,
  type LinearSolverName,
  linearSolve,
  minres,
} from './linear/linear-solve.ts';
export { type FixedPointOptions, fixedPoint, type Solution } from './nonlinear/fixed-point.ts';
export { type RootOptions, root } from './nonlinear/root.ts';
export { type SolveStatus, solveStatus } from './nonlinear/status.ts';
export type { EventDirection } from './ode/events.ts';
export {
  type OdeEnd,
  type OdeSolution,
  type OdeStats,
  odeint,
  type VectorField,
} from './ode/odeint.ts';
export type { OdeAdjoint, OdeEvent, OdeMethod, OdeOptions } from './ode/options.ts';
export { type OdeStatus, odeStatus } from './ode/status.ts';
export type { StepController } from './ode/step-size.ts';
export type { ControllerGains } from './ode/tableau.ts';
