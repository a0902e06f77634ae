import * as Plot from '@observablehq/plot';
import type { Figure } from '../../../job.ts';
import { drawPlot, ink, powerOfTen } from '../../../plot.ts';

/** Residual by iteration, beside the rate that the theory guarantees. */
export function residualFigure(residuals: readonly number[], alpha: number): Figure {
  const measured = residuals.map((residual, index) => ({ iteration: index + 1, residual }));
  const first = residuals[0] ?? 1;
  const guaranteed = measured.map(({ iteration }) => ({
    iteration,
    residual: first * alpha ** (iteration - 1),
  }));
  const positive = measured.filter(({ residual }) => residual > 0);
  const axes = { x: 'iteration', y: 'residual' } as const;
  return {
    title: 'Residual by iteration',
    caption:
      `The change of the scores from one iteration to the next (sum of absolute values). The theory ` +
      `guarantees a factor of at most α = ${alpha} per iteration (dashed).`,
    svg: drawPlot({
      x: { label: 'iteration' },
      y: { type: 'log', label: 'residual', grid: true, tickFormat: powerOfTen, ticks: 6 },
      marks: [
        Plot.line(guaranteed, { ...axes, stroke: ink.soft, strokeDasharray: '5 4' }),
        Plot.line(positive, { ...axes, stroke: ink.third, strokeWidth: 2 }),
        Plot.dot(positive, { ...axes, fill: ink.third, r: 2.5 }),
      ],
    }),
  };
}
