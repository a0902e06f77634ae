import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { random, type Tensor } from '@grad/core';
import { drawnDigits, FormatError, type LabelledImages, readLabelledImages } from '@grad/data';
import type { JobContext } from '../../job.ts';
import { UserError } from '../../user-error.ts';

/** Images to learn from and images to be judged by. */
export interface Digits {
  /** Where they come from, for titles. */
  readonly name: string;
  readonly train: LabelledImages;
  readonly held: LabelledImages;
  readonly classes: number;
  /** The larger side of the ink, as a share of the side of an image. */
  readonly inkSize: number;
  /** Passes over them that suffice. */
  readonly epochs: number;
  /** Whether it is known how well networks do on them. */
  readonly isKnown: boolean;
}

/** Digits that are drawn here: 6000 to learn from, and 1000 others. */
export function drawn(seed: number): Digits {
  return {
    name: 'drawn digits',
    train: drawnDigits(random.key(seed), 6000),
    held: drawnDigits(random.key(seed + 2 ** 31), 1000),
    classes: 10,
    inkSize: 0.64,
    epochs: 5,
    isKnown: true,
  };
}

/**
 * The four IDX files of a folder, gzipped or not, under the names that MNIST has.
 *
 * @throws UserError when one is missing or wrong.
 */
export async function readDigits(
  path: string,
  { folder, signal }: Pick<JobContext, 'folder' | 'signal'>,
): Promise<Digits> {
  const read = async (part: 'train' | 't10k'): Promise<LabelledImages> => {
    const [images, labels] = [`${part}-images`, `${part}-labels`].map((stem, i) =>
      firstFile(resolve(folder, path), `${stem}${i === 0 ? '-idx3-ubyte' : '-idx1-ubyte'}`, signal),
    );
    const sources = [await images, await labels];
    if (!sources[0] || !sources[1]) {
      throw new UserError(
        `${path} lacks ${part}-images-idx3-ubyte or ${part}-labels-idx1-ubyte (with .gz or without). ` +
          'Give the folder of the four files of MNIST, or of a set in its form.',
      );
    }
    return readLabelledImages({ images: sources[0], labels: sources[1] }).catch(
      (error: unknown) => {
        if (!(error instanceof FormatError)) throw error;
        throw new UserError(`${path}, ${part}: ${error.message}`);
      },
    );
  };
  const [train, held] = [await read('train'), await read('t10k')];
  const sizes = [train, held].map(({ images }) => images.shape.slice(1).join(' x '));
  const rows = held.images.shape[0] ?? 0;
  if (sizes[0] !== sizes[1] || rows < 10 || (train.images.shape[0] ?? 0) < 100) {
    throw new UserError(
      `${path} has ${train.images.shape[0]} images of ${sizes[0]} pixels to learn from and ${rows} of ${sizes[1]} to be judged by; ` +
        'there must be 100 and 10 at least, of one size.',
    );
  }
  const largest = (labels: Tensor): number => labels.max().item();
  const classes = 1 + Math.max(largest(train.labels), largest(held.labels));
  const isKnown = mnist.every((digit, i) => train.labels.at(i).item() === digit) && rows === 10_000;
  return {
    name: `images of ${path}`,
    train,
    held,
    classes,
    inkSize: 20 / 28,
    epochs: 1,
    isKnown,
  };
}

/** The first labels of MNIST. Sets in its form, such as Fashion-MNIST, have others. */
const mnist = [5, 0, 4, 1, 9, 2, 1, 3, 1, 4, 3, 5, 3, 6, 1, 7, 2, 8, 6, 9];

/** The content of a file with that name, or with .gz behind it. */
async function firstFile(
  folder: string,
  name: string,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  for (const each of [name, `${name}.gz`]) {
    try {
      return await readFile(join(folder, each), { signal });
    } catch {
      signal.throwIfAborted();
    }
  }
  return undefined;
}
