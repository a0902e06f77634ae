import * as Plot from '@observablehq/plot';
import type { Figure } from '../../../job.ts';
import { drawPlot, ink } from '../../../plot.ts';
import type { Curve } from '../read-points.ts';

/** What a network says of a curve. */
export interface Fitted {
  readonly name: string;
  readonly values: readonly { readonly x: number; readonly y: number }[];
}

/** The new curve, its points, and what networks make of it. */
export function curveFigure(curve: Curve, fits: readonly Fitted[]): Figure {
  const lines = fits.flatMap(({ name, values }) => values.map((point) => ({ name, ...point })));
  const { truth } = curve;
  const known = truth ? (fits[0]?.values ?? []).map(({ x }) => ({ x, y: truth(x) })) : [];
  const axes = { x: 'x', y: 'y' } as const;
  return {
    wide: true,
    title: 'A new curve',
    caption:
      'The dots are all that the networks are told of the curve. What was learned before from other curves does the rest' +
      (truth ? ': the dashed line is the curve itself.' : '.'),
    svg: drawPlot({
      width: 1080,
      height: 400,
      color: {
        domain: fits.map(({ name }) => name),
        range: [ink.soft, ink.fourth, ink.second, ink.third],
        legend: true,
      },
      x: { label: 'x' },
      y: { label: 'y', grid: true },
      marks: [
        Plot.line(known, { ...axes, stroke: ink.text, strokeDasharray: '4 4' }),
        Plot.line(lines, { ...axes, stroke: 'name', strokeWidth: 2 }),
        Plot.dot(curve.points, { ...axes, fill: ink.text, r: 4 }),
      ],
    }),
  };
}
