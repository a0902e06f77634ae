import * as Plot from '@observablehq/plot';
import type { Figure } from '../../../job.ts';
import { drawPlot, ink } from '../../../plot.ts';

/** The loss by step, and the least that is possible where it is known. */
export function lossFigure(losses: readonly number[], least: number | undefined): Figure {
  const points = losses.map((loss, step) => ({ step, loss }));
  return {
    title: 'The training',
    caption:
      'Mean of -ln(density) over each batch.' +
      (least === undefined
        ? ''
        : ' The dashed line is the entropy of the data, the least possible.'),
    svg: drawPlot({
      x: { label: 'step' },
      y: { label: 'nats', grid: true },
      marks: [
        Plot.line(points, { x: 'step', y: 'loss', stroke: ink.third, strokeWidth: 1.5 }),
        ...(least === undefined
          ? []
          : [Plot.ruleY([least], { stroke: ink.soft, strokeDasharray: '5 4' })]),
      ],
    }),
  };
}
