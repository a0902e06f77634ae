import { type Tensor, tensor } from '@grad/core';
import type { Figure } from '../../../job.ts';
import type { Explanation } from '../explain.ts';
import { panelFigure } from './panels.ts';

/** What each method says about one image, beside the image. */
export function attributionFigure(
  image: Tensor,
  explanations: readonly Explanation[],
  words: { readonly subject: string; readonly seen: string },
): Figure {
  return panelFigure(
    [
      { title: words.subject, pixels: asPaper(image) },
      ...explanations.map(({ method, map }) => ({ title: method, pixels: asHeat(map) })),
    ],
    5,
    {
      title: `Why it is seen as a ${words.seen}`,
      caption:
        'Red speaks for it, blue against it, each method on a scale of its own. Occlusion slides an empty window of 4 by 4 pixels over the image; Grad-CAM shows only what speaks for the class.',
      wide: true,
    },
  );
}

/** Ink on paper, `[height, width, 1]`, of an image `[1, 1, height, width]` with ink = 1. */
export function asPaper(image: Tensor): Tensor {
  const [, , height = 0, width = 0] = image.shape;
  return image.neg().add(1).reshape([height, width, 1]);
}

/** White at 0, red above and blue below; the scale ends at the 99th percentile of the sizes. */
function asHeat(map: Tensor): Tensor {
  const [height = 0, width = 0] = map.shape;
  const values = Float64Array.from(map.dataSync(), Number);
  const sizes = values.map(Math.abs).sort();
  const top = sizes[Math.floor(0.99 * (sizes.length - 1))] || sizes.at(-1) || 1;
  const pixels = new Float32Array(3 * values.length);
  values.forEach((value, i) => {
    const share = Math.min(1, Math.abs(value) / top);
    const color = value > 0 ? [0.75, 0.1, 0.15] : [0.1, 0.3, 0.75];
    color.forEach((channel, c) => {
      pixels[3 * i + c] = 1 - share * (1 - channel);
    });
  });
  return tensor(pixels).reshape([height, width, 3]);
}
