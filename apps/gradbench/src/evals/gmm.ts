import {
  arange,
  concatenate,
  einsum,
  exp,
  grad,
  jit,
  lgamma,
  logsumexp,
  type Tensor,
  tensor,
  zeros,
} from '@grad/core';
import type { Input } from '../input.ts';
import { array, type Eval, evaluation, item } from '../task.ts';

/** Weights [k], means [k, d], logarithms [k, d] and strict lower parts [k, d (d-1) / 2] of factors. */
interface Mixture {
  readonly alpha: Tensor;
  readonly mu: Tensor;
  readonly q: Tensor;
  readonly l: Tensor;
}

/** Points [n, d], and the Wishart prior's degrees of freedom and precision. */
interface Data {
  readonly x: Tensor;
  readonly m: Tensor;
  readonly gamma: Tensor;
}

/** Where each element of a lower triangular d by d matrix stands in [0, diagonal, lower columns]. */
function triangle(d: number): Tensor {
  const place = (i: number, j: number): number => {
    if (i <= j) return i === j ? 1 + i : 0;
    return 1 + d + j * (d - 1) - (j * (j - 1)) / 2 + (i - j - 1);
  };
  const places = Array.from({ length: d }, (_, i) =>
    Array.from({ length: d }, (_, j) => place(i, j)),
  );
  return tensor(places, { dtype: 'int32' });
}

/** The factors Q of the precision matrices Q'Q, [k, d, d]. */
function factors({ q, l }: Mixture): Tensor {
  const [k, d] = [q.shape[0] ?? 0, q.shape[1] ?? 0];
  return concatenate([zeros([k, 1]), exp(q), l], { axis: 1 }).take(triangle(d), { axis: 1 });
}

/** The logarithm of the multivariate gamma function of order d. */
function logMultiGamma(a: Tensor, d: number): Tensor {
  const terms = lgamma(a.sub(arange(d).div(2)));
  return terms.sum().add((d * (d - 1) * Math.log(Math.PI)) / 4);
}

/** The logarithm of the posterior density of a mixture of Gaussians. */
function objective(mixture: Mixture, { x, m, gamma }: Data): Tensor {
  const { alpha, mu, q } = mixture;
  const [k, d] = [mu.shape[0] ?? 0, mu.shape[1] ?? 0];
  const n = x.shape[0] ?? 0;
  const Q = factors(mixture);
  const scaled = einsum('kij,nj->nki', Q, x).sub(einsum('kij,kj->ki', Q, mu));
  const distances = scaled.square().sum({ axis: 2 });
  const logDeterminants = q.sum({ axis: 1 });
  const terms = alpha.add(logDeterminants).sub(distances.div(2));
  const likelihood = logsumexp(terms, { axis: 1 })
    .sum()
    .sub(
      logsumexp(alpha)
        .add((d / 2) * Math.log(2 * Math.PI))
        .mul(n),
    );

  const freedom = m.add(d + 1);
  const constant = freedom
    .mul(d)
    .mul(gamma.log().sub(Math.log(2) / 2))
    .sub(logMultiGamma(freedom.div(2), d));
  const prior = constant
    .mul(k)
    .sub(gamma.square().div(2).mul(Q.square().sum()))
    .add(m.mul(logDeterminants.sum()));
  return likelihood.add(prior);
}

function read(input: Input): [Mixture, Data] {
  const [d, k, n] = [input.at('d').count(1), input.at('k').count(1), input.at('n').count(1)];
  const mixture = {
    alpha: input.at('alpha').tensor([k]),
    mu: input.at('mu').tensor([k, d]),
    q: input.at('q').tensor([k, d]),
    l: input.at('l').tensor([k, (d * (d - 1)) / 2]),
  };
  const data = {
    x: input.at('x').tensor([n, d]),
    m: input.at('m').tensor([]),
    gamma: input.at('gamma').tensor([]),
  };
  return [mixture, data];
}

/** A Gaussian mixture model with a Wishart prior. */
export const gmm: Eval = {
  objective: evaluation(read, jit(objective), item),
  jacobian: evaluation(read, jit(grad(objective)), (gradient) =>
    Object.fromEntries(Object.entries(gradient).map(([name, t]) => [name, array(t)])),
  ),
};
