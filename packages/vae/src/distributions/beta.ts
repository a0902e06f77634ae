import { digamma, lgamma, random, stopGradient, type Tensor, type TensorLike } from '@grad/core';
import type { Distribution } from './distribution.ts';
import { aligned, checkPositive, drawDtype, timesLog, valueLike } from './parameters.ts';

/** What {@link beta} makes. */
export interface Beta extends Distribution {
  readonly kind: 'beta';
  readonly a: Tensor;
  readonly b: Tensor;
}

/**
 * Beta distributions on [0, 1], of density x^(a-1) (1-x)^(b-1) / B(a, b); draws are x / (x + y) of two
 * gamma variables, and differentiable in a and b.
 *
 * @throws RangeError when a parameter that is known is not positive and finite.
 */
export function beta(first: TensorLike, second: TensorLike): Beta {
  const [a, b] = aligned('beta', [first, second]);
  if (!a || !b) throw new Error('unreachable');
  checkPositive('beta', 'a', a);
  checkPositive('beta', 'b', b);
  const sum = a.add(b);
  const rsample = (key: Tensor, shape: readonly number[] = []): Tensor =>
    random.beta(key, a, b, [...shape, ...a.shape], drawDtype(a));
  const logBeta = (): Tensor => lgamma(a).add(lgamma(b)).sub(lgamma(sum));
  return {
    kind: 'beta',
    a,
    b,
    batchShape: a.shape,
    eventShape: [],
    rsample,
    sample: (key, shape) => stopGradient(rsample(key, shape)),
    logProb: (x) => {
      const at = valueLike(a, x);
      return timesLog(a.sub(1), at)
        .add(timesLog(b.sub(1), at.neg().add(1)))
        .sub(logBeta());
    },
    entropy: () =>
      logBeta()
        .sub(a.sub(1).mul(digamma(a)))
        .sub(b.sub(1).mul(digamma(b)))
        .add(sum.sub(2).mul(digamma(sum))),
    mean: () => a.div(sum),
    variance: () => a.mul(b).div(sum.square().mul(sum.add(1))),
    detach: () => beta(stopGradient(a), stopGradient(b)),
  };
}
