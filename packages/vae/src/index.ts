/**
 * Reparameterised distributions, evidence bounds and variational autoencoders.
 *
 * @module
 */

export { type Bernoulli, bernoulli } from './distributions/bernoulli.ts';
export { type Beta, beta } from './distributions/beta.ts';
export { type Categorical, type Classes, categorical } from './distributions/categorical.ts';
export { type Dirichlet, dirichlet } from './distributions/dirichlet.ts';
export type { Distribution } from './distributions/distribution.ts';
export { type Gamma, gamma } from './distributions/gamma.ts';
export {
  type GumbelSoftmax,
  type GumbelSoftmaxOptions,
  gumbelSoftmax,
} from './distributions/gumbel-softmax.ts';
export { type Independent, independent } from './distributions/independent.ts';
export { type Normal, normal } from './distributions/normal.ts';
export { type DistributionKinds, hasKl, klDivergence, registerKl } from './kl-divergence.ts';
export {
  bernoulliLikelihood,
  type Likelihood,
  type NoiseParams,
  normalLikelihood,
} from './likelihoods.ts';
export type { LatentModel } from './objectives/bound.ts';
export { type Elbo, type ElboOptions, elbo } from './objectives/elbo.ts';
export { dreg, type IwaeOptions, iwae } from './objectives/iwae.ts';
export { type LinearVaeParams, linearVaeElbo, type Ppca, ppca } from './ppca.ts';
export { type TraverseOptions, traverseLatent } from './traverse-latent.ts';
export { type Vae, type VaeParams, type VaeParts, vae } from './vae.ts';
