import * as Plot from '@observablehq/plot';
import type { Figure } from '../../../job.ts';
import { drawPlot, ink } from '../../../plot.ts';

/** Errors along something that is counted. */
export interface Errors {
  readonly name: string;
  readonly points: readonly { readonly count: number; readonly error: number }[];
}

/** Errors on curves that were not learned from, along what is counted on the axis. */
export function errorFigure(
  { title, caption, label }: { title: string; caption: string; label: string },
  errors: readonly Errors[],
): Figure {
  const points = errors.flatMap(({ name, points: own }) =>
    own.map((point) => ({ name, ...point })),
  );
  const axes = { x: 'count', y: 'error' } as const;
  return {
    title,
    caption,
    svg: drawPlot({
      color: {
        domain: errors.map(({ name }) => name),
        range: [ink.third, ink.second],
        legend: true,
      },
      x: { label },
      y: { label: 'mean squared error', grid: true, zero: true },
      marks: [
        Plot.line(points, { ...axes, stroke: 'name', strokeWidth: 2 }),
        Plot.dot(points, { ...axes, fill: 'name', r: 3 }),
      ],
    }),
  };
}
