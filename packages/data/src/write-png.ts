import { ShapeError, type Tensor } from '@grad/core';
import { encode } from 'fast-png';

/** Options of `writePng`. */
export interface WritePngOptions {
  /** Bits of a sample, 8 unless said otherwise. */
  readonly depth?: 8 | 16;
}

/**
 * The PNG file of a picture `[height, width]` or `[height, width, channels]`, with 1 (grey), 2 (grey and
 * opacity), 3 (red, green, blue) or 4 channels. 0 is black and 1 is white; values beyond are clipped.
 *
 * @throws ShapeError when it has another shape, or no pixels.
 * @throws RangeError when a value is NaN.
 */
export function writePng(image: Tensor, { depth = 8 }: WritePngOptions = {}): Uint8Array {
  const [height = 0, width = 0, channels = 1] = image.shape;
  if (image.ndim < 2 || image.ndim > 3 || channels > 4 || image.size === 0) {
    throw new ShapeError(
      `writePng: a picture has the shape [height, width] or [height, width, 1 to 4], and at least one pixel; this is [${image.shape.join(', ')}].`,
    );
  }
  const largest = 2 ** depth - 1;
  const data = new (depth === 16 ? Uint16Array : Uint8Array)(image.size);
  image.read((values) => {
    for (let i = 0; i < data.length; i++) {
      const value = values[i] ?? 0;
      if (Number.isNaN(value)) {
        throw new RangeError(`writePng: element ${i} of the picture is NaN.`);
      }
      data[i] = Math.round(Math.min(Math.max(value, 0), 1) * largest);
    }
  });
  return encode({ width, height, channels, depth, data });
}
