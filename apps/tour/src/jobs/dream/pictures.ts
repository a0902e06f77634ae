import { random, relu, type Tensor, tanh } from '@grad/core';
import { drawnDigits } from '@grad/data';
import { readDigitFolder } from '../../digit-folder.ts';
import type { JobContext } from '../../job.ts';

/** Pictures, and the size of a model of them. */
export interface Pictures {
  /** What they are, for titles. */
  readonly name: string;
  /** Height and width of a picture. */
  readonly side: number;
  /** Probabilities of ink in the pixels, float32 `[n, side * side]`. */
  readonly train: Tensor;
  readonly held: Tensor;
  /** Numbers that describe a picture. */
  readonly latent: number;
  /** Widths of the hidden layers of the encoder. */
  readonly hidden: readonly number[];
  readonly activation: (x: Tensor) => Tensor;
  readonly learningRate: number;
}

/** 1200 drawn digits of black and white, of which 200 are held out. */
export function drawn(): Pictures {
  const side = 14;
  const make = (seed: number, n: number): Tensor =>
    flat(drawnDigits(random.key(seed), n, { size: side }).images.gt(0.5).astype('float32'));
  return {
    name: 'drawn digits',
    side,
    train: make(0, 1000),
    held: make(1, 200),
    latent: 6,
    hidden: [128],
    activation: relu,
    learningRate: 3e-3,
  };
}

/**
 * The digits of a folder in the form of MNIST, with the model of one stochastic layer of Burda, Grosse and
 * Salakhutdinov, Importance Weighted Autoencoders, ICLR 2016, section 5.
 *
 * @throws UserError when the folder does not hold such files.
 */
export async function fromFolder(path: string, context: JobContext): Promise<Pictures> {
  const { train, test } = await readDigitFolder(path, context);
  return {
    name: 'digits of the files',
    side: train.images.shape[1] ?? 0,
    train: flat(train.images),
    held: flat(test.images),
    latent: 50,
    hidden: [200, 200],
    activation: tanh,
    learningRate: 1e-3,
  };
}

const flat = (images: Tensor): Tensor => images.reshape([images.shape[0] ?? 0, -1]);
