import type { Tensor } from '@grad/core';
import { tileImages, writePng } from '@grad/data';
import type { Figure } from './job.ts';

/** Pictures `[n, height, width, 1 or 3]` with values in [0, 1] side by side as one figure. */
export function colorFigure(
  images: Tensor,
  columns: number,
  words: Pick<Figure, 'title' | 'caption' | 'wide'>,
): Figure {
  const tiled = tileImages(images, { columns, gap: 2, background: 1 });
  const [height = 0, width = 0] = tiled.shape;
  const png = Buffer.from(writePng(tiled)).toString('base64');
  return {
    ...words,
    svg:
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${Math.min(900, 5 * width)}" role="img">` +
      `<image width="${width}" height="${height}" style="image-rendering:pixelated" href="data:image/png;base64,${png}"/></svg>`,
  };
}
