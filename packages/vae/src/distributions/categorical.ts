import {
  arange,
  broadcastTo,
  exp,
  gather,
  log,
  logSoftmax,
  random,
  type Shape,
  ShapeError,
  stopGradient,
  type Tensor,
  type TensorLike,
  tensor,
} from '@grad/core';
import type { Distribution } from './distribution.ts';
import { aligned, checkProbability, noPath, weighted } from './parameters.ts';

/** What {@link categorical} makes. */
export interface Categorical extends Distribution {
  readonly kind: 'categorical';
  /** Logarithms of the probabilities. */
  readonly logits: Tensor;
}

/** Probabilities of classes on the last axis: logarithms up to a constant, or shares of a sum. */
export type Classes = { readonly logits: TensorLike } | { readonly probs: TensorLike };

/** Logarithms of probabilities, from what the user gave. */
export function logProbabilities(name: string, classes: Classes): Tensor {
  const [given] = aligned(name, ['logits' in classes ? classes.logits : classes.probs]);
  if (!given || given.ndim === 0) {
    throw new ShapeError(
      `${name}: a scalar has no classes; give one number for each on a last axis.`,
    );
  }
  if ('logits' in classes) return logSoftmax(given, { axis: -1 });
  checkProbability(name, 'probs', given);
  return log(given.div(given.sum({ axis: -1, keepdims: true })));
}

/**
 * Numbers of classes from 0 on, as int32. `mean` and `variance` are those of the number of the class.
 *
 * @param classes `{ logits }` or `{ probs }` of shape `[...batchShape, classes]`
 * @throws ShapeError when there is no axis of classes; RangeError when a probability that is known is
 *   not in [0, 1].
 */
export function categorical(classes: Classes): Categorical {
  const logits = logProbabilities('categorical', classes);
  const batchShape = logits.shape.slice(0, -1);
  const last = { axis: -1 };
  const numbers = arange(logits.shape.at(-1) ?? 0).astype(logits.dtype);
  const mean = (): Tensor => exp(logits).mul(numbers).sum(last);
  return {
    kind: 'categorical',
    logits,
    batchShape,
    eventShape: [],
    sample: (key, shape = []) =>
      random.categorical(key, stopGradient(logits), [...shape, ...batchShape]),
    rsample: () => noPath('categorical', 'Use gumbelSoftmax, whose draws are relaxed.'),
    logProb: (x) => {
      const labels = tensor(x).astype('int32');
      const lead = leading(labels.shape, batchShape);
      const all = broadcastTo(logits, [...lead, ...logits.shape]);
      const at = broadcastTo(labels, [...lead, ...batchShape]);
      return gather(all, at.expandDims(-1)).squeeze(-1);
    },
    entropy: () => weighted(exp(logits), logits).sum(last).neg(),
    mean,
    variance: () =>
      exp(logits)
        .mul(numbers.sub(mean().expandDims(-1)).square())
        .sum(last),
    detach: () => categorical({ logits: stopGradient(logits) }),
  };
}

/** Axes of x before those of the batch. */
function leading(shape: Shape, batchShape: Shape): Shape {
  return shape.slice(0, Math.max(0, shape.length - batchShape.length));
}
