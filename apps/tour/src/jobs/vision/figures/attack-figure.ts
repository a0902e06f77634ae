import type { Tensor } from '@grad/core';
import * as Plot from '@observablehq/plot';
import type { Figure } from '../../../job.ts';
import { drawPlot, ink } from '../../../plot.ts';
import { asPaper } from './attribution-figure.ts';
import { panelFigure } from './panels.ts';

/** Images before and after an attack, `[n, 1, height, width]`, and what the network takes them for. */
export interface Attacked {
  readonly before: Tensor;
  readonly after: Tensor;
  readonly seenBefore: readonly number[];
  readonly seenAfter: readonly number[];
}

/** Images above, and below what the attack made of them. */
export function attackFigure(
  { before, after, seenBefore, seenAfter }: Attacked,
  eps: number,
): Figure {
  const row = (images: Tensor, seen: readonly number[]) =>
    seen.map((digit, i) => ({
      title: `seen as ${digit}`,
      pixels: asPaper(images.at([i, i + 1])),
    }));
  return panelFigure([...row(before, seenBefore), ...row(after, seenAfter)], seenBefore.length, {
    title: 'Led astray',
    caption: `Above, images that the network has not learned from; below, the same after FGSM with ε = ${eps}, on a scale of 0 to 1.`,
    wide: true,
  });
}

/** Accuracy that is left, along how far the attack may go. */
export interface Decline {
  readonly attack: string;
  readonly points: readonly { readonly eps: number; readonly accuracy: number }[];
}

/** Accuracy under attacks. */
export function declineFigure(declines: readonly Decline[]): Figure {
  const points = declines.flatMap(({ attack, points: own }) =>
    own.map((point) => ({ attack, ...point })),
  );
  const axes = { x: 'eps', y: 'accuracy', stroke: 'attack' } as const;
  return {
    title: 'Accuracy under attack',
    caption:
      'Share of images that are still classified rightly, along the largest change of a pixel.',
    svg: drawPlot({
      color: {
        domain: declines.map(({ attack }) => attack),
        range: [ink.second, ink.third, ink.fourth],
        legend: true,
      },
      x: { label: 'ε' },
      y: { label: 'accuracy', grid: true, domain: [0, 1] },
      marks: [
        Plot.line(points, { ...axes, strokeWidth: 2 }),
        Plot.dot(points, { ...axes, fill: 'attack', r: 3 }),
      ],
    }),
  };
}
