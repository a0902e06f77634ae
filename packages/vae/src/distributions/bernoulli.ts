import {
  log,
  log1p,
  random,
  sigmoid,
  softplus,
  stopGradient,
  type Tensor,
  type TensorLike,
  where,
} from '@grad/core';
import type { Distribution } from './distribution.ts';
import { aligned, checkProbability, noPath, valueLike, weighted } from './parameters.ts';

/** What {@link bernoulli} makes. */
export interface Bernoulli extends Distribution {
  readonly kind: 'bernoulli';
  /** log(p / (1 - p)) of the probability p of a 1. */
  readonly logits: Tensor;
}

/**
 * Zeros and ones. `logProb` also takes numbers between them, as pictures in shades of grey: it is then
 * the negative cross entropy, which is no probability.
 *
 * @param parameters `{ logits }` or `{ probs }`; an optimizer is better off with logits
 * @throws RangeError when a probability that is known is not in [0, 1].
 */
export function bernoulli(
  parameters: { readonly logits: TensorLike } | { readonly probs: TensorLike },
): Bernoulli {
  const [given] = aligned('bernoulli', [
    'logits' in parameters ? parameters.logits : parameters.probs,
  ]);
  if (!given) throw new Error('unreachable');
  if ('probs' in parameters) checkProbability('bernoulli', 'probs', given);
  const logits = 'logits' in parameters ? given : log(given).sub(log1p(given.neg()));
  const mean = (): Tensor => sigmoid(logits);
  return {
    kind: 'bernoulli',
    logits,
    batchShape: logits.shape,
    eventShape: [],
    sample: (key, shape = []) =>
      random.bernoulli(key, stopGradient(mean()), [...shape, ...logits.shape]).astype(logits.dtype),
    rsample: () => noPath('bernoulli', 'For two classes with a temperature, see gumbelSoftmax.'),
    // With a = |logits|, log p of the likelier value is -softplus(-a), and that of the other is less by a. Only
    // a can be infinite.
    logProb: (x) => {
      const ones = valueLike(logits, x);
      const likelier = logits.ge(0);
      const distance = where(likelier, logits, logits.neg());
      const share = where(likelier, ones.neg().add(1), ones);
      return softplus(distance.neg()).neg().sub(weighted(share, distance));
    },
    entropy: () => {
      const [p, q] = [sigmoid(logits), sigmoid(logits.neg())];
      return weighted(p, softplus(logits.neg())).add(weighted(q, softplus(logits)));
    },
    mean,
    variance: () => sigmoid(logits).mul(sigmoid(logits.neg())),
    detach: () => bernoulli({ logits: stopGradient(logits) }),
  };
}
