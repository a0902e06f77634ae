import * as Plot from '@observablehq/plot';
import type { Figure } from '../../../job.ts';
import { drawPlot, ink } from '../../../plot.ts';
import { reach, type Stage, squareSize } from '../stages.ts';

/** Density and samples at some times of the training, side by side. */
export function stagesFigure(
  stages: readonly Stage[],
  data: readonly (readonly number[])[],
): Figure {
  const panels = stages.map(({ step }) => `after ${step} steps`);
  const squares = stages.flatMap(({ density }, k) =>
    density.filter((each) => each.density > 2e-3).map((each) => ({ ...each, panel: panels[k] })),
  );
  const samples = [...stages.map((stage) => stage.samples), data].flatMap((points, k) =>
    points.map(([x = 0, y = 0]) => ({ x, y, panel: panels[k] ?? 'data' })),
  );
  const half = squareSize / 2;
  const top = Math.max(...squares.map(({ density }) => density));
  return {
    title: 'What the flow has learned',
    caption:
      'Density (shaded) and 400 random points of the flow over the training, from the same points of ' +
      'the normal distribution each time; at the right, points of the data.',
    wide: true,
    svg: drawPlot({
      width: 1080,
      height: 330,
      marginLeft: 36,
      fx: { domain: [...panels, 'data'], label: null },
      x: { domain: [-reach, reach], ticks: 4, label: null },
      y: { domain: [-reach, reach], ticks: 4, label: null },
      marks: [
        Plot.rect(squares, {
          fx: 'panel',
          x1: ({ x }: { x: number }) => x - half,
          x2: ({ x }: { x: number }) => x + half,
          y1: ({ y }: { y: number }) => y - half,
          y2: ({ y }: { y: number }) => y + half,
          fill: ink.third,
          fillOpacity: ({ density }: { density: number }) => Math.sqrt(density / top),
        }),
        Plot.dot(samples, { fx: 'panel', x: 'x', y: 'y', r: 1.2, fill: ink.text, clip: true }),
        Plot.frame({ stroke: ink.soft }),
      ],
    }),
  };
}
