import * as Plot from '@observablehq/plot';
import type { Figure } from '../../../job.ts';
import { drawPlot, ink } from '../../../plot.ts';

/** The error of validation by epoch, and that of the linear model. */
export function historyFigure(history: readonly number[], linear: number): Figure {
  const points = history.map((error, k) => ({ epoch: k + 1, error }));
  return {
    title: 'The training',
    caption:
      'Root mean square error on molecules of validation. The dashed line is the test error of a linear model of the atoms.',
    svg: drawPlot({
      x: { label: 'epoch' },
      y: { label: 'error', grid: true, zero: true },
      marks: [
        Plot.ruleY([linear], { stroke: ink.soft, strokeDasharray: '5 4' }),
        Plot.line(points, { x: 'epoch', y: 'error', stroke: ink.third, strokeWidth: 2 }),
      ],
    }),
  };
}
