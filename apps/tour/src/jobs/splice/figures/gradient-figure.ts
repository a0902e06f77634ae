import * as Plot from '@observablehq/plot';
import type { Figure } from '../../../job.ts';
import { drawPlot, ink, powerOfTen } from '../../../plot.ts';
import type { Norms } from '../contributions.ts';

/** Norms of gradients by base, one line for each way back. */
export function gradientFigure(norms: readonly Norms[], truncate: number): Figure {
  const points = norms.flatMap(({ direction, truncate: cut, values }) =>
    values.map((value, base) => ({
      base,
      // What does not arrive has no logarithm: a gap in the line.
      norm: value > 0 ? value : Number.NaN,
      way: `${direction}, ${cut === undefined ? 'all the way' : `at most ${cut} bases`}`,
    })),
  );
  return {
    wide: true,
    title: 'Gradients through time',
    caption: `Norm of the loss's gradient in the hidden state at each base, as the mean over windows. The loss depends on the states in the middle and on the last one of each direction; the gradient falls on the way back from these. Truncated to ${truncate} bases it ends at every ${truncate}th base, and gaps are where it is 0.`,
    svg: drawPlot({
      width: 1080,
      color: {
        domain: [...new Set(points.map(({ way }) => way))],
        range: [ink.third, ink.fourth, ink.second, ink.text],
        legend: true,
      },
      x: { label: 'base' },
      y: { type: 'log', label: 'gradient norm', grid: true, tickFormat: powerOfTen },
      marks: [
        Plot.line(points, { x: 'base', y: 'norm', stroke: 'way', strokeWidth: 2 }),
        Plot.dot(
          points.filter(({ way, norm }) => way.includes('most') && norm > 0),
          { x: 'base', y: 'norm', fill: 'way', r: 2.5 },
        ),
      ],
    }),
  };
}
