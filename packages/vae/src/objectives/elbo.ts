import type { Tensor } from '@grad/core';
import { hasKl, klDivergence } from '../kl-divergence.ts';
import { checkDraws, checkOneOf, type LatentModel, termsAt } from './bound.ts';

/** How to estimate an evidence lower bound. */
export interface ElboOptions {
  readonly key: Tensor;
  /** Draws of z for each example; 1 when left out. */
  readonly draws?: number;
  /** Weight of the divergence; 1 when left out, and the bound is one of the evidence for 1 or more. */
  readonly beta?: number;
  /**
   * The divergence KL(q||p) in closed form (`analytic`) or from the draws (`monteCarlo`). When left out,
   * the closed form where there is one and the gradient is the usual one.
   */
  readonly kl?: 'analytic' | 'monteCarlo';
  /**
   * `pathDerivative`, "sticking the landing", leaves the derivative of log q in its parameters away: its
   * mean is 0, and without it the gradient has no variance where q is the posterior. It needs the
   * divergence from draws.
   */
  readonly gradient?: 'total' | 'pathDerivative';
}

/** A bound and its parts, each of the posterior's batch shape, in nats. */
export interface Elbo {
  /** logLikelihood - beta kl. */
  readonly elbo: Tensor;
  /** Mean of log p(x|z) over the draws. */
  readonly logLikelihood: Tensor;
  readonly kl: Tensor;
}

/**
 * The evidence lower bound: the mean under q(z|x) of log p(x|z), less KL(q(z|x)||p(z)). It is at most
 * log p(x), and equal to it where q is the posterior.
 *
 * @throws TypeError when the divergence has no closed form and `kl` is `analytic`.
 * @see Kingma and Welling, Auto-Encoding Variational Bayes, ICLR 2014, eq. 3; Higgins et al., beta-VAE,
 *   ICLR 2017, eq. 4; Roeder, Wu and Duvenaud, Sticking the Landing, NeurIPS 2017, eq. 7.
 */
export function elbo(model: LatentModel, options: ElboOptions): Elbo {
  const { key, draws = 1, beta = 1, gradient = 'total' } = options;
  const path = gradient === 'pathDerivative';
  checkDraws('elbo', draws);
  checkOneOf('elbo', 'gradient', gradient, ['total', 'pathDerivative']);
  const { posterior, prior } = model;
  const { kl = !path && hasKl(posterior, prior) ? 'analytic' : 'monteCarlo' } = options;
  checkOneOf('elbo', 'kl', kl, ['analytic', 'monteCarlo']);
  if (path && kl === 'analytic') {
    throw new TypeError(
      "elbo: the gradient 'pathDerivative' needs { kl: 'monteCarlo' }; a divergence in closed form has no draws.",
    );
  }
  const terms = termsAt('elbo', model, posterior.rsample(key, [draws]), path);
  const likelihood = terms.logLikelihood.mean({ axis: 0 });
  const divergence =
    kl === 'analytic'
      ? klDivergence(posterior, prior)
      : terms.logPosterior.sub(terms.logPrior).mean({ axis: 0 });
  return {
    elbo: likelihood.sub(divergence.mul(beta)),
    logLikelihood: likelihood,
    kl: divergence,
  };
}
