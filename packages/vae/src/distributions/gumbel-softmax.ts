import {
  argmax,
  exp,
  lgamma,
  log,
  logsumexp,
  oneHot,
  random,
  softmax,
  stopGradient,
  type Tensor,
  type TensorLike,
  tensor,
} from '@grad/core';
import { type Classes, logProbabilities } from './categorical.ts';
import type { Distribution } from './distribution.ts';
import { checkPositive, drawDtype, valueLike, weighted } from './parameters.ts';

/** What {@link gumbelSoftmax} makes. */
export interface GumbelSoftmax extends Distribution {
  readonly kind: 'gumbelSoftmax';
  readonly logits: Tensor;
  readonly temperature: Tensor;
}

/** Options of {@link gumbelSoftmax}. */
export interface GumbelSoftmaxOptions {
  /** How far from one-hot the draws are: above 0, and 1 when left out. */
  readonly temperature?: TensorLike;
  /** Draws exact one-hot vectors, with the derivatives of the relaxed ones. */
  readonly straightThrough?: boolean;
}

/**
 * Points of a simplex that tend to one-hot vectors of a categorical distribution as the temperature goes
 * to 0: softmax((logits + g) / temperature), with g of standard Gumbel distribution.
 *
 * With `straightThrough` a draw is the one-hot vector nearest to it, the distribution that of one-hot
 * vectors, and the derivative that of the relaxed draw, which is biased. Without, entropy, mean and
 * variance have no closed form, and these functions throw a TypeError.
 *
 * @param classes `{ logits }` or `{ probs }` of shape `[...batchShape, classes]`
 * @see Maddison, Mnih and Teh, The Concrete Distribution, ICLR 2017, eq. 10 for the density;
 *   Jang, Gu and Poole, Categorical Reparameterization with Gumbel-Softmax, ICLR 2017.
 */
export function gumbelSoftmax(
  classes: Classes,
  { temperature = 1, straightThrough = false }: GumbelSoftmaxOptions = {},
): GumbelSoftmax {
  const logits = logProbabilities('gumbelSoftmax', classes);
  const heat = tensor(temperature).astype(logits.dtype);
  checkPositive('gumbelSoftmax', 'temperature', heat);
  const batchShape = logits.shape.slice(0, -1);
  const k = logits.shape.at(-1) ?? 0;
  const last = { axis: -1 };
  const relaxed = (key: Tensor, shape: readonly number[]): Tensor => {
    const noise = random.gumbel(key, [...shape, ...logits.shape], drawDtype(logits));
    return softmax(noise.add(logits).div(heat), last);
  };
  const rsample = (key: Tensor, shape: readonly number[] = []): Tensor => {
    const soft = relaxed(key, shape);
    if (!straightThrough) return soft;
    const hard = oneHot(argmax(soft, last), k).astype(soft.dtype);
    return hard.add(soft.sub(stopGradient(soft)));
  };
  const density = (at: Tensor): Tensor => {
    const logs = log(at);
    const terms = logits.sub(heat.add(1).mul(logs)).sum(last);
    return terms
      .sub(logsumexp(logits.sub(heat.mul(logs)), last).mul(k))
      .add(log(heat).mul(k - 1))
      .add(lgamma(k).astype(logits.dtype));
  };
  const closed = (what: string, value: () => Tensor): Tensor => {
    if (straightThrough) return value();
    throw new TypeError(
      `gumbelSoftmax.${what}: there is no closed form for relaxed draws. Take the mean over draws, or straightThrough.`,
    );
  };
  return {
    kind: 'gumbelSoftmax',
    logits,
    temperature: heat,
    batchShape,
    eventShape: [k],
    rsample,
    sample: (key, shape) => stopGradient(rsample(key, shape)),
    logProb: (x) => {
      const at = valueLike(logits, x);
      return straightThrough ? weighted(at, logits).sum(last) : density(at);
    },
    entropy: () => closed('entropy', () => weighted(exp(logits), logits).sum(last).neg()),
    mean: () => closed('mean', () => exp(logits)),
    variance: () => closed('variance', () => exp(logits).mul(exp(logits).neg().add(1))),
    detach: () =>
      gumbelSoftmax(
        { logits: stopGradient(logits) },
        { temperature: stopGradient(heat), straightThrough },
      ),
  };
}
