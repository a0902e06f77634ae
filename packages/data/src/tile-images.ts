import { concatenate, full, pad, ShapeError, type Tensor } from '@grad/core';

/** Options of `tileImages`. */
export interface TileOptions {
  /** Images in a row; as many as make the sheet about square when left out. */
  readonly columns?: number;
  /** Pixels between images, 1 unless said otherwise. */
  readonly gap?: number;
  /** Value of the gaps and of places without an image, 0 unless said otherwise. */
  readonly background?: number;
}

/**
 * One picture of many: images `[n, height, width]` or `[n, height, width, channels]` in rows.
 * Differentiable, like any composition of the core's functions.
 *
 * @throws ShapeError when the images have another shape, or there are none.
 */
export function tileImages(images: Tensor, options: TileOptions = {}): Tensor {
  const [n = 0, height = 0, width = 0, ...channels] = images.shape;
  if (images.ndim < 3 || images.ndim > 4 || n === 0) {
    throw new ShapeError(
      `tileImages: images have the shape [n, height, width] or [n, height, width, channels], with n >= 1; these are [${images.shape.join(', ')}].`,
    );
  }
  const { columns = Math.ceil(Math.sqrt(n)), gap = 1, background = 0 } = options;
  const rows = Math.ceil(n / columns);
  const [h, w] = [height + gap, width + gap];
  const blank = full([rows * columns - n, height, width, ...channels], background, {
    dtype: images.dtype,
  });
  const framed = pad(
    concatenate([images, blank]),
    [[0, 0], [0, gap], [0, gap], ...channels.map((): [number, number] => [0, 0])],
    { value: background },
  );
  const last = channels.map((_, i) => 4 + i);
  return framed
    .reshape([rows, columns, h, w, ...channels])
    .transpose([0, 2, 1, 3, ...last])
    .reshape([rows * h, columns * w, ...channels])
    .at([0, rows * h - gap], [0, columns * w - gap]);
}
