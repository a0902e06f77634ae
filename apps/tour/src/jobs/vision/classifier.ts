import { jit, random, relu, type Tensor } from '@grad/core';
import { minibatches } from '@grad/data';
import * as nn from '@grad/nn';
import { adam, fit } from '@grad/optim';
import { type Network, network } from '@grad/vision';
import { UserError } from '../../user-error.ts';
import type { Digits } from './digits.ts';

/** The last layer of the network that has maps of features. */
export const lastMaps = 'relu2';

/** How to train. */
export interface Training {
  readonly epochs: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onEpoch: (fraction: number) => Promise<void>;
}

/**
 * A network of two convolutions, trained by Adam.
 *
 * @throws UserError when the training comes to numbers that are not finite.
 */
export async function trainClassifier(
  { train, classes }: Digits,
  { epochs, seed, signal, onEpoch }: Training,
): Promise<Network> {
  const [, height = 0, width = 0] = train.images.shape;
  const features = [height, width].reduce((n, side) => n * Math.floor(Math.ceil(side / 2) / 2), 16);
  const model = nn.sequential({
    conv1: nn.conv2d(1, 8, 5, { strides: 2, padding: 2 }),
    relu1: nn.activation(relu),
    conv2: nn.conv2d(8, 16, 3, { padding: 1 }),
    [lastMaps]: nn.activation(relu),
    pool: nn.maxPooling(2),
    flatten: nn.flatten(),
    head: nn.dense(features, classes),
  });
  const start = model.init(random.key(seed));
  const trained = await fit(
    (params: typeof start, { images, labels }: { images: Tensor; labels: Tensor }) =>
      nn.crossEntropy(model.apply(params, images), labels),
    start,
    {
      optimizer: adam({ learningRate: 2e-3 }),
      batches: minibatches(
        { images: train.images.expandDims(1), labels: train.labels },
        { size: 64, key: random.key(seed + 1) },
      ),
      epochs,
      signal,
      onEpoch: ({ epoch }) => onEpoch((epoch + 1) / epochs),
    },
  );
  signal.throwIfAborted();
  if (trained.status === 'notFinite') throw new UserError(`Training stopped. ${trained.message}`);
  return network(model, trained.params);
}

/** Share of images that a network is right about. */
export function accuracyOf(model: (x: Tensor) => Tensor, images: Tensor, labels: Tensor): number {
  return nn.accuracy(jit(model)(images), labels).item();
}
