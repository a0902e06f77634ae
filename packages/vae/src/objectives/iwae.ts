import { exp, logsumexp, stopGradient, type Tensor } from '@grad/core';
import { checkDraws, checkOneOf, type LatentModel, termsAt } from './bound.ts';

/** How to estimate an importance weighted bound. */
export interface IwaeOptions {
  readonly key: Tensor;
  /** Number of draws k in one bound. */
  readonly draws: number;
  /**
   * `doublyReparameterized` (DReG) has a gradient in the parameters of q whose signal does not drown in
   * noise as k grows; its value and the gradient in the model are the same. `total` when left out.
   */
  readonly gradient?: 'total' | 'doublyReparameterized';
}

/**
 * The importance weighted bound: the mean of log(1/k sum of p(x, z_i) / q(z_i|x)) over k draws, of the
 * posterior's batch shape. It is the evidence lower bound for k = 1 and tends to log p(x) as k grows.
 *
 * @see Burda, Grosse and Salakhutdinov, Importance Weighted Autoencoders, ICLR 2016, eq. 8;
 *   Tucker, Lawson, Gu and Maddison, Doubly Reparameterized Gradient Estimators, ICLR 2019, eq. 8.
 */
export function iwae(model: LatentModel, options: IwaeOptions): Tensor {
  const { key, draws, gradient = 'total' } = options;
  checkDraws('iwae', draws);
  checkOneOf('iwae', 'gradient', gradient, ['total', 'doublyReparameterized']);
  const z = model.posterior.rsample(key, [draws]);
  if (gradient === 'total') return logMean(logWeights(model, z, false), draws);

  const fixed = stopGradient(z);
  const weights = stopGradient(logWeights(model, fixed, true));
  const bound = logMean(weights, draws);
  const shares = exp(weights.sub(logsumexp(weights, { axis: 0, keepdims: true })));
  // z in value, with derivatives scaled by the shares: with the weights below, they are squared.
  const wide = shares.reshape([...shares.shape, ...model.posterior.eventShape.map(() => 1)]);
  const scaled = fixed.add(z.sub(fixed).mul(wide));
  const surrogate = shares.mul(logWeights(model, scaled, true)).sum({ axis: 0 });
  return bound.add(surrogate.sub(stopGradient(surrogate)));
}

/** {@link iwae} with doubly reparameterized gradients. */
export function dreg(model: LatentModel, options: Omit<IwaeOptions, 'gradient'>): Tensor {
  return iwae(model, { ...options, gradient: 'doublyReparameterized' });
}

function logWeights(model: LatentModel, z: Tensor, frozen: boolean): Tensor {
  const { logLikelihood, logPrior, logPosterior } = termsAt('iwae', model, z, frozen);
  return logLikelihood.add(logPrior).sub(logPosterior);
}

function logMean(logs: Tensor, draws: number): Tensor {
  return logsumexp(logs, { axis: 0 }).sub(Math.log(draws));
}
