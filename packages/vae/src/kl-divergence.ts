import { digamma, exp, lgamma, log, sigmoid, softplus, type Tensor } from '@grad/core';
import type { Bernoulli } from './distributions/bernoulli.ts';
import type { Beta } from './distributions/beta.ts';
import type { Categorical } from './distributions/categorical.ts';
import type { Dirichlet } from './distributions/dirichlet.ts';
import type { Distribution } from './distributions/distribution.ts';
import type { Gamma } from './distributions/gamma.ts';
import type { GumbelSoftmax } from './distributions/gumbel-softmax.ts';
import { type Independent, sumLast } from './distributions/independent.ts';
import type { Normal } from './distributions/normal.ts';
import { weighted } from './distributions/parameters.ts';

/** Distributions by kind. Declare your own here by module augmentation to register formulas for it. */
export interface DistributionKinds {
  readonly normal: Normal;
  readonly bernoulli: Bernoulli;
  readonly gamma: Gamma;
  readonly beta: Beta;
  readonly dirichlet: Dirichlet;
  readonly categorical: Categorical;
  readonly gumbelSoftmax: GumbelSoftmax;
  readonly independent: Independent;
}

type Formula = (p: Distribution, q: Distribution) => Tensor | undefined;

const formulas = new Map<string, Formula>();

function isOf<K extends keyof DistributionKinds>(
  distribution: Distribution,
  kind: K,
): distribution is DistributionKinds[K] {
  return distribution.kind === kind;
}

/** Registers the closed form of KL(p||q) for two kinds, for {@link klDivergence}; the last one counts. */
export function registerKl<P extends keyof DistributionKinds, Q extends keyof DistributionKinds>(
  first: P,
  second: Q,
  formula: (p: DistributionKinds[P], q: DistributionKinds[Q]) => Tensor,
): void {
  formulas.set(`${first}, ${second}`, (p, q) =>
    isOf(p, first) && isOf(q, second) ? formula(p, q) : undefined,
  );
}

/** Whether there is a closed form of KL(p||q). */
export function hasKl(p: Distribution, q: Distribution): boolean {
  if (isOf(p, 'independent') && isOf(q, 'independent')) {
    return p.axes === q.axes && hasKl(p.base, q.base);
  }
  return formulas.has(`${p.kind}, ${q.kind}`);
}

/**
 * The Kullback-Leibler divergence KL(p||q), the mean of log p - log q under p, in nats and in closed
 * form: shape `batchShape`, broadcast.
 *
 * @throws TypeError when no formula is registered for the two kinds; it lists those that are.
 */
export function klDivergence(p: Distribution, q: Distribution): Tensor {
  const value = formulas.get(`${p.kind}, ${q.kind}`)?.(p, q);
  if (value) return value;
  const pairs = [...formulas.keys()].map((pair) => `(${pair})`).join(', ');
  throw new TypeError(
    `klDivergence: no closed form for (${p.kind}, ${q.kind}); there are ${pairs}. ` +
      "Register one with registerKl, or estimate it from draws: elbo with { kl: 'monteCarlo' }.",
  );
}

registerKl('normal', 'normal', (p, q) => {
  const ratio = p.scale.div(q.scale).square();
  const shift = p.loc.sub(q.loc).div(q.scale).square();
  return ratio.add(shift).sub(1).sub(log(ratio)).mul(0.5);
});

registerKl('bernoulli', 'bernoulli', (p, q) => {
  const one = softplus(q.logits.neg()).sub(softplus(p.logits.neg()));
  const zero = softplus(q.logits).sub(softplus(p.logits));
  return weighted(sigmoid(p.logits), one).add(weighted(sigmoid(p.logits.neg()), zero));
});

registerKl('gamma', 'gamma', (p, q) => {
  const [a, b] = [p.concentration, q.concentration];
  return a
    .sub(b)
    .mul(digamma(a))
    .sub(lgamma(a))
    .add(lgamma(b))
    .add(b.mul(log(p.rate.div(q.rate))))
    .add(a.mul(q.rate.div(p.rate).sub(1)));
});

registerKl('beta', 'beta', (p, q) => {
  const [p0, q0] = [p.a.add(p.b), q.a.add(q.b)];
  const logBeta = (d: Beta, sum: Tensor): Tensor => lgamma(d.a).add(lgamma(d.b)).sub(lgamma(sum));
  return logBeta(q, q0)
    .sub(logBeta(p, p0))
    .add(p.a.sub(q.a).mul(digamma(p.a)))
    .add(p.b.sub(q.b).mul(digamma(p.b)))
    .add(q0.sub(p0).mul(digamma(p0)));
});

registerKl('dirichlet', 'dirichlet', (p, q) => {
  const last = { axis: -1 };
  const [a, b] = [p.concentration, q.concentration];
  const [a0, b0] = [a.sum(last), b.sum(last)];
  const gap = digamma(a).sub(digamma(a0).expandDims(-1));
  return lgamma(a0)
    .sub(lgamma(a).sum(last))
    .sub(lgamma(b0))
    .add(lgamma(b).sum(last))
    .add(a.sub(b).mul(gap).sum(last));
});

registerKl('categorical', 'categorical', (p, q) =>
  weighted(exp(p.logits), p.logits.sub(q.logits)).sum({ axis: -1 }),
);

registerKl('independent', 'independent', (p, q) => {
  if (p.axes === q.axes) return sumLast(klDivergence(p.base, q.base), p.axes);
  throw new TypeError(
    `klDivergence: independent over ${p.axes} axes and over ${q.axes}; events must have the same axes.`,
  );
});
