/**
 * Optimizers and minimizers of differentiable functions.
 *
 * @module
 */

export { type AccumulateState, accumulate } from './gradients/accumulate.ts';
export {
  type AdamOptions,
  type AdamState,
  type AdamwOptions,
  type AdamwState,
  adam,
  adamw,
} from './gradients/adam.ts';
export { applyUpdates } from './gradients/apply-updates.ts';
export { chain } from './gradients/chain.ts';
export { clip, clipByGlobalNorm } from './gradients/clip.ts';
export type { GradientTransformation } from './gradients/gradient-transformation.ts';
export type { LearningRate } from './gradients/learning-rate.ts';
export { freeze, type Mask, masked } from './gradients/masked.ts';
export { type RmspropOptions, type RmspropState, rmsprop } from './gradients/rmsprop.ts';
export {
  addDecayedWeights,
  scale,
  scaleByLearningRate,
  scaleBySchedule,
} from './gradients/scale.ts';
export {
  type CosineDecayOptions,
  constant,
  cosineDecay,
  type ExponentialDecayOptions,
  exponentialDecay,
  piecewise,
  type Schedule,
  type WarmupOptions,
  warmup,
} from './gradients/schedules.ts';
export { type SgdOptions, type SgdState, sgd } from './gradients/sgd.ts';
export {
  type LbfgsIteration,
  type LbfgsOptions,
  lbfgs,
  type Minimum,
  type MinimumStatus,
} from './lbfgs.ts';
export { gaussNewton } from './least-squares/gauss-newton.ts';
export type {
  LeastSquares,
  LeastSquaresIteration,
  LeastSquaresOptions,
} from './least-squares/least-squares.ts';
export { levenbergMarquardt } from './least-squares/levenberg-marquardt.ts';
export { minimize } from './minimize.ts';
export type {
  Bounds,
  ConstrainedMinimum,
  MinimizeIteration,
  MinimizeOptions,
  MinimizerConstraints,
  MinimizerOptions,
  Multipliers,
  Violation,
} from './minimize-options.ts';
export { minimizer } from './minimizer.ts';
export * as projections from './proximal/projections.ts';
export * as proximal from './proximal/proximal.ts';
export {
  type ProximalIteration,
  type ProximalMinimum,
  type ProximalOptions,
  projectedGradient,
  proximalGradient,
} from './proximal/proximal-gradient.ts';
export { fit } from './training/fit.ts';
export type {
  CheckpointOptions,
  Fit,
  FitCheckpoint,
  FitOptions,
  FitProgress,
  Loss,
  StepContext,
} from './training/fit-options.ts';
