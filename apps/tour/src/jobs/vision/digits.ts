import { random, type Tensor } from '@grad/core';
import { drawnDigits, type LabelledImages } from '@grad/data';
import { readDigitFolder } from '../../digit-folder.ts';
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
  context: Pick<JobContext, 'folder' | 'signal'>,
): Promise<Digits> {
  const { train, test: held } = await readDigitFolder(path, context);
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
