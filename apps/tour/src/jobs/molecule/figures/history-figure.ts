import * as Plot from '@observablehq/plot';
import type { Figure } from '../../../job.ts';
import { drawPlot, ink } from '../../../plot.ts';

/** The errors of validation by epoch, a line for each network, and that of the linear model. */
export function historyFigure(histories: readonly (readonly number[])[], linear: number): Figure {
  const points = histories.flatMap((history, network) =>
    history.map((error, k) => ({ network, epoch: k + 1, error })),
  );
  return {
    title: 'The training',
    caption:
      'Root mean square error on molecules of validation, a line for each network. The dashed line is the test error of a linear model of the atoms.',
    svg: drawPlot({
      x: { label: 'epoch' },
      y: { label: 'error', grid: true, zero: true },
      marks: [
        Plot.ruleY([linear], { stroke: ink.soft, strokeDasharray: '5 4' }),
        Plot.line(points, {
          x: 'epoch',
          y: 'error',
          z: 'network',
          stroke: ink.third,
          strokeWidth: 2,
        }),
      ],
    }),
  };
}
