import { random, sign, type Tensor, tree } from '@grad/core';
import { type LabelledImages, minibatches } from '@grad/data';
import { accuracy, crossEntropy, initializers, mlp } from '@grad/nn';
import { adam, cosineDecay, fit } from '@grad/optim';
import { edgePopup } from '@grad/vision';
import { UserError } from '../../user-error.ts';
import type { Digits } from './digits.ts';
import { flat } from './ticket.ts';

/** How to train a mask. */
export interface MaskOptions {
  /** Units of the hidden layers. */
  readonly hidden: readonly number[];
  /** Share of the weights of each layer that is kept. */
  readonly density: number;
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress: (fraction: number) => void;
}

/**
 * Accuracy of a perceptron whose weights are random signs of one size in each layer and stay so; only which of them
 * are kept is learned, by edge-popup. It has no biases.
 *
 * @throws UserError when the training comes to numbers that are not finite.
 */
export async function maskOfRandomWeights(
  { train, held, classes }: Pick<Digits, 'train' | 'held' | 'classes'>,
  options: MaskOptions,
): Promise<number> {
  const { hidden, density, epochs, batch, learningRate, seed, signal, onProgress } = options;
  const [learned, judged] = [flat(train), flat(held)];
  const sizes = [learned.images.shape[1] ?? 0, ...hidden, classes];
  const of = (weightInit: ReturnType<typeof initializers.heUniform>, key: number) =>
    mlp(sizes, { bias: false, weightInit }).init(random.key(key));
  const model = mlp(sizes, { bias: false });
  // The variance of He's initializer, for the inputs that are kept.
  const frozen = tree.map(
    (w) => sign(w).mul(Math.sqrt(2 / (density * (w.shape[0] ?? 1)))),
    of(initializers.heNormal(), seed),
  );
  const chosen = (scores: typeof frozen): typeof frozen =>
    tree.map((w, m = w) => w.mul(m), frozen, edgePopup(scores, { density }));
  const batches = minibatches(learned, { size: batch, key: random.key(seed + 2) });
  const steps = epochs * batches.perEpoch;
  const { params, status, message } = await fit(
    (scores: typeof frozen, { images, labels }: LabelledImages): Tensor =>
      crossEntropy(model.apply(chosen(scores), images), labels),
    of(initializers.heUniform(), seed + 1),
    {
      optimizer: adam({ learningRate: cosineDecay({ init: learningRate, steps }) }),
      batches,
      epochs,
      signal,
      onProgress: ({ step }) => onProgress(step / steps),
    },
  );
  signal.throwIfAborted();
  if (status === 'notFinite') throw new UserError(`Training stopped. ${message}`);
  return accuracy(model.apply(chosen(params), judged.images), judged.labels).item();
}
