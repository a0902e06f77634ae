import { type Tensor, tensor } from '@grad/core';
import { type ByteSource, nameOf } from './byte-source.ts';
import { FormatError } from './format-error.ts';
import { readIdx } from './read-idx.ts';

/** Images and what each shows. */
export interface LabelledImages {
  /** Grey images in [0, 1], float32 `[n, height, width]`. */
  readonly images: Tensor;
  /** One label for each image, int32 `[n]`. */
  readonly labels: Tensor;
}

/** The two files of a labelled set of images. */
export interface LabelledImageSources {
  readonly images: ByteSource;
  readonly labels: ByteSource;
}

/** Options of `readLabelledImages`. */
export interface LabelledImageOptions {
  /** How many of the first images to take; all of them when left out. */
  readonly count?: number;
}

/**
 * Reads the two IDX files of MNIST and of sets in its form: bytes 0 to 255 become float32 in [0, 1].
 *
 * @throws FormatError when a file is wrong, or there are not as many labels as images.
 */
export async function readLabelledImages(
  { images, labels }: LabelledImageSources,
  { count }: LabelledImageOptions = {},
): Promise<LabelledImages> {
  const name = nameOf('readLabelledImages, images', images, {});
  const labelName = nameOf('readLabelledImages, labels', labels, {});
  const [pictures, kinds] = await Promise.all([
    readIdx(images, { name }),
    readIdx(labels, { name: labelName }),
  ]);
  const [total = 0, height = 0, width = 0] = pictures.shape;
  if (pictures.type !== 'u8' || pictures.shape.length !== 3) {
    throw new FormatError(
      { name },
      `images are bytes of shape [n, height, width]; these are ${pictures.type} [${pictures.shape.join(', ')}]. Are the two files interchanged?`,
    );
  }
  if (kinds.shape.length !== 1 || kinds.shape[0] !== total || kinds.type.startsWith('f')) {
    throw new FormatError(
      { name: labelName },
      `${total} images need as many whole labels, [${total}]; these are ${kinds.type} [${kinds.shape.join(', ')}].`,
    );
  }
  const n = Math.min(count ?? total, total);
  if (!Number.isInteger(n) || n < 0) {
    throw new RangeError(`readLabelledImages: count must be a whole number >= 0; it is ${count}.`);
  }
  const pixels = new Float32Array(n * height * width);
  for (let i = 0; i < pixels.length; i++) pixels[i] = (pictures.data[i] ?? 0) / 255;
  return {
    images: tensor(pixels).reshape([n, height, width]),
    labels: tensor(Int32Array.from(kinds.data.subarray(0, n))),
  };
}
