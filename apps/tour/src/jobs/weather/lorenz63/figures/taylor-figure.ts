import * as Plot from '@observablehq/plot';
import type { Figure } from '../../../../job.ts';
import { drawPlot, ink, powerOfTen } from '../../../../plot.ts';

/** Remainders of the Taylor expansion of the cost for one size of step. */
export interface TaylorPoint {
  readonly h: number;
  /** |J(x + h d) - J(x)| */
  readonly zeroth: number;
  /** |J(x + h d) - J(x) - h dJ·d| */
  readonly first: number;
}

/** The remainders over the step: straight lines of slopes 1 and 2 when the gradient is right. */
export function taylorFigure(points: readonly TaylorPoint[]): Figure {
  const lines = points.flatMap(({ h, zeroth, first }) => [
    { h, what: 'without the gradient (slope 1)', value: zeroth },
    { h, what: 'with the gradient (slope 2)', value: first },
  ]);
  const axes = { x: 'h', y: 'value' } as const;
  return {
    title: 'A check of the gradient',
    caption:
      'The error of predicting the cost at a distance h from the background. With the right gradient it falls as h²; ' +
      'a gradient with any fault would fall only as h.',
    svg: drawPlot({
      height: 400,
      color: {
        domain: ['without the gradient (slope 1)', 'with the gradient (slope 2)'],
        range: [ink.second, ink.third],
        legend: true,
      },
      x: {
        type: 'log',
        label: 'distance h',
        ticks: points.map(({ h }) => h),
        tickFormat: powerOfTen,
        reverse: true,
      },
      y: { type: 'log', label: 'error', grid: true, tickFormat: powerOfTen },
      marks: [
        Plot.line(lines, { ...axes, stroke: 'what', strokeWidth: 2 }),
        Plot.dot(lines, { ...axes, fill: 'what', r: 3 }),
      ],
    }),
  };
}
