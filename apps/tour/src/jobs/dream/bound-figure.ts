import * as Plot from '@observablehq/plot';
import type { Figure } from '../../job.ts';
import { drawPlot, ink } from '../../plot.ts';

/** The bound by step of training. */
export function boundFigure(losses: readonly number[]): Figure {
  const points = losses.map((loss, step) => ({ step, bound: -loss }));
  return {
    title: 'The bound',
    caption:
      'Evidence lower bound of each batch, in nats per picture. It rises as the model learns.',
    svg: drawPlot({
      x: { label: 'step' },
      y: { label: 'nats', grid: true },
      marks: [Plot.line(points, { x: 'step', y: 'bound', stroke: ink.first, strokeWidth: 2 })],
    }),
  };
}
