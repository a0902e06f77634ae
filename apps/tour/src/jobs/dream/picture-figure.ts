import type { Tensor } from '@grad/core';
import { tileImages, writePng } from '@grad/data';
import type { Figure } from '../../job.ts';

/** Pictures `[n, height, width]` with ink = 1 as one figure, so many in a row. */
export function pictureFigure(
  images: Tensor,
  columns: number,
  words: Pick<Figure, 'title' | 'caption'>,
): Figure {
  const tiled = tileImages(images.neg().add(1), { columns, background: 1 });
  const [height = 0, width = 0] = tiled.shape;
  const png = Buffer.from(writePng(tiled.expandDims(-1))).toString('base64');
  return {
    ...words,
    svg:
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="640" role="img">` +
      `<image width="${width}" height="${height}" href="data:image/png;base64,${png}"/></svg>`,
  };
}
