/**
 * Data assimilation: the state of a model that agrees with a guess and with observations.
 *
 * @module
 */

export type { Covariance } from './covariance.ts';
export { type FourDVar, type FourDVarOptions, fourDVar } from './four-d-var.ts';
export type { Analysis, AnalysisIteration, MinimizeOptions } from './minimize.ts';
export {
  type AdjointTest,
  adjointTest,
  type ModelTestOptions,
  type TangentLinearTest,
  tangentLinearTest,
} from './model-tests.ts';
export { type Lorenz63Options, lorenz63 } from './models/lorenz63.ts';
export { type Lorenz96Options, lorenz96 } from './models/lorenz96.ts';
export type { Observation } from './observations.ts';
export { type Model, rk4 } from './rk4.ts';
export { trajectory } from './trajectory.ts';
export {
  type TwinExperiment,
  type TwinExperimentOptions,
  twinExperiment,
} from './twin-experiment.ts';
