import { random, type Tensor, zeros } from '@grad/core';
import { minibatches } from '@grad/data';
import { crossEntropy } from '@grad/nn';
import { adam, chain, clipByGlobalNorm, cosineDecay, fit, lbfgs } from '@grad/optim';
import type { SpliceBatch, SpliceModel, SpliceParams } from '@grad/sequence';
import { UserError } from '../../user-error.ts';

/** How to learn. */
export interface LearnOptions {
  readonly epochs: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Awaited after each epoch. */
  readonly onEpoch: (fraction: number) => Promise<void>;
}

/**
 * Adam with batches of 64 and a learning rate that falls from 5e-3 to 0 as half a cosine.
 *
 * @throws UserError when a loss is not finite; the signal's reason when it is aborted.
 */
export async function learn(
  model: SpliceModel,
  { x, labels }: SpliceBatch,
  { epochs, seed, signal, onEpoch }: LearnOptions,
): Promise<SpliceParams> {
  const size = 64;
  const [start, order, noise] = random.split(random.key(seed), 3);
  const batches = minibatches({ x, labels }, { size, key: order });
  const rate = cosineDecay({ init: 5e-3, steps: batches.perEpoch * epochs });
  const { params, status, message } = await fit(
    (p: SpliceParams, batch: SpliceBatch, { key }) => model.loss(p, batch, { key }),
    model.init(start),
    {
      optimizer: chain(clipByGlobalNorm(1), adam({ learningRate: rate })),
      batches,
      epochs,
      key: noise,
      signal,
      onEpoch: ({ epoch }) => onEpoch((epoch + 1) / epochs),
    },
  );
  signal.throwIfAborted();
  if (status !== 'completed') throw new UserError(`Learning stopped. ${message}`);
  return params;
}

/**
 * Logits of softmax regression on the bases, with .015 times the squares of the weights: the yardstick.
 *
 * @throws UserError when it does not converge.
 */
export async function softmaxRegression(
  train: SpliceBatch,
  test: SpliceBatch,
  signal: AbortSignal,
): Promise<Tensor> {
  const flat = ({ x }: SpliceBatch): Tensor => x.astype('float64').reshape([x.shape[0] ?? 0, -1]);
  const rows = flat(train);
  const columns = rows.shape[1] ?? 0;
  const { x, status, message } = await lbfgs(
    ({ weight, bias }: { weight: Tensor; bias: Tensor }) =>
      crossEntropy(rows.matmul(weight).add(bias), train.labels).add(
        weight.square().sum().mul(0.015),
      ),
    { weight: zeros([columns, 3]), bias: zeros([3]) },
    { signal },
  );
  signal.throwIfAborted();
  if (status !== 'converged') throw new UserError(`Softmax regression stopped. ${message}`);
  return flat(test).matmul(x.weight).add(x.bias);
}
