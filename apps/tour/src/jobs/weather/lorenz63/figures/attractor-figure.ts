import * as Plot from '@observablehq/plot';
import type { Figure } from '../../../../job.ts';
import { drawPlot, ink } from '../../../../plot.ts';
import { thin } from '../../../../thin.ts';
import { lineWidth, type Run, runColors } from './run.ts';

/** The runs in the plane of x and z, where the Lorenz attractor shows its two wings. */
export function attractorFigure(runs: readonly Run[]): Figure {
  const points = runs.flatMap(({ name, states }) =>
    thin(states.map(([x, , z], step) => ({ name, x, z, step }))),
  );
  const axes = { x: 'x', y: 'z', stroke: 'name' } as const;
  return {
    title: 'In the plane of x and z',
    caption: 'The same runs on the wings of the Lorenz attractor. Dots mark the initial states.',
    svg: drawPlot({
      height: 400,
      color: {
        domain: runs.map(({ name }) => name),
        range: runs.map(({ name }) => runColors[name]),
        legend: true,
      },
      x: { label: 'x', nice: true },
      y: { label: 'z', grid: true, nice: true },
      marks: [
        Plot.line(points, {
          ...axes,
          strokeWidth: lineWidth,
        }),
        Plot.dot(
          points.filter(({ step }) => step === 0),
          { x: 'x', y: 'z', fill: 'name', r: 4.5, stroke: ink.paper },
        ),
      ],
    }),
  };
}
