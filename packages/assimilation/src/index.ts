/**
 * Data assimilation: the state of a model that agrees with a guess and with observations.
 *
 * @module
 */

export type { Analysis, AnalysisIteration, MinimizeOptions } from './analysis.ts';
export type { Covariance, CovarianceOperator, StateCovariance } from './covariance.ts';
export { type EnkfOptions, type EnsembleFilter, enkf, type Localization } from './ensemble/enkf.ts';
export { gaspariCohn } from './ensemble/gaspari-cohn.ts';
export type { EnsembleCycle, EnsembleRun, RunOptions } from './ensemble/run-filter.ts';
export { type FourDVar, type FourDVarOptions, fourDVar } from './four-d-var.ts';

export {
  type AdjointTest,
  adjointTest,
  type ModelTestOptions,
  type TangentLinearTest,
  tangentLinearTest,
} from './model-tests.ts';
export { type BurgersOptions, burgers } from './models/burgers.ts';
export { type Lorenz63Options, lorenz63 } from './models/lorenz63.ts';
export { type Lorenz96Options, lorenz96 } from './models/lorenz96.ts';
export {
  type ShallowWater,
  type ShallowWaterFields,
  type ShallowWaterOptions,
  shallowWater,
} from './models/shallow-water.ts';
export type { Observation } from './observations.ts';
export { type PeriodicCovarianceOptions, periodicCovariance } from './periodic-covariance.ts';
export { type Model, rk4 } from './rk4.ts';
export {
  type OptimalInterpolation,
  type OptimalInterpolationOptions,
  optimalInterpolation,
  type ThreeDVarOptions,
  threeDVar,
} from './three-d-var.ts';
export { trajectory } from './trajectory.ts';
export {
  type TwinExperiment,
  type TwinExperimentOptions,
  twinExperiment,
} from './twin-experiment.ts';
export {
  type WeakAnalysis,
  type WeakFourDVar,
  type WeakFourDVarOptions,
  weakFourDVar,
} from './weak-four-d-var.ts';
