/**
 * Meta-learning: starting points, learning rates and other hyperparameters, learned through training.
 *
 * @module
 */

export { anil } from './anil.ts';
export { type ImplicitMamlOptions, implicitMaml } from './implicit-maml.ts';
export type { InnerOptions } from './inner-options.ts';
export { maml } from './maml.ts';
export type { Adaptation, Adaptations, AdaptOptions, MetaLearner, Task } from './meta-learner.ts';
export { type MetaSgd, type MetaSgdOptions, type MetaSgdParams, metaSgd } from './meta-sgd.ts';
export { reptile } from './reptile.ts';
export { type SinusoidOptions, type Sinusoids, sinusoids } from './sinusoids.ts';
export { type UnrollOptions, unroll } from './unroll.ts';
export {
  type HyperGradient,
  type HyperGradientOptions,
  unrolledHyperGradient,
} from './unrolled-hyper-gradient.ts';
