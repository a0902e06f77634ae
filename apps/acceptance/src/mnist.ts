import { type LabelledImages, readLabelledImages } from '@grad/data';
import type { DataFolder } from './data-folder.ts';

/** MNIST's 60,000 images to learn from, and the 10,000 to be judged by. */
export interface Mnist {
  readonly train: LabelledImages;
  readonly held: LabelledImages;
  readonly classes: number;
}

export async function readMnist(data: DataFolder): Promise<Mnist> {
  const read = (part: string): Promise<LabelledImages> =>
    readLabelledImages({
      images: data.bytes(`mnist/${part}-images-idx3-ubyte.gz`),
      labels: data.bytes(`mnist/${part}-labels-idx1-ubyte.gz`),
    });
  return { train: await read('train'), held: await read('t10k'), classes: 10 };
}
