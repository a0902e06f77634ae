import type { Tensor } from '@grad/core';
import { writePng } from '@grad/data';
import type { Figure } from '../../../job.ts';

/** A small picture with words above it. */
export interface Panel {
  readonly title: string;
  /** Colors in [0, 1], `[height, width, 1 or 3]`. */
  readonly pixels: Tensor;
}

const side = 150;
const gap = 18;
const line = 26;

/** Small pictures side by side, so many in a row. */
export function panelFigure(
  panels: readonly Panel[],
  columns: number,
  words: Pick<Figure, 'title' | 'caption' | 'wide'>,
): Figure {
  const rows = Math.ceil(panels.length / columns);
  const [width, height] = [columns * (side + gap) - gap, rows * (side + line + gap) - gap];
  const drawn = panels.map(({ title, pixels }, i) => {
    const [x, y] = [(i % columns) * (side + gap), Math.floor(i / columns) * (side + line + gap)];
    const png = Buffer.from(writePng(pixels)).toString('base64');
    return (
      `<text x="${x}" y="${y + 16}" font-size="13" fill="currentColor">${escaped(title)}</text>` +
      `<image x="${x}" y="${y + line}" width="${side}" height="${side}" style="image-rendering: pixelated" href="data:image/png;base64,${png}"/>`
    );
  });
  return {
    ...words,
    svg: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img">${drawn.join('')}</svg>`,
  };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
