import * as Plot from '@observablehq/plot';
import type { Figure } from '../../../job.ts';
import { drawPlot, ink } from '../../../plot.ts';

/** How well a network of some depth tells classes. */
export interface DepthResult {
  readonly network: string;
  readonly layers: number;
  readonly accuracy: number;
}

/** Shares of right answers by depth. */
export function accuracyFigure(results: readonly DepthResult[], chance: number): Figure {
  const axes = { x: 'layers', y: 'accuracy' } as const;
  const depths = [...new Set(results.map(({ layers }) => layers))].toSorted((a, b) => a - b);
  return {
    title: 'Depth and accuracy',
    caption:
      'Share of the test nodes whose class is told, after training. The dashed line is the share of the largest class among them.',
    svg: drawPlot({
      color: { domain: ['GCN', 'GCNII'], range: [ink.second, ink.third], legend: true },
      x: { type: 'log', base: 2, label: 'layers', ticks: depths, tickFormat: String },
      y: { label: 'share of right answers', grid: true, domain: [0, 1] },
      marks: [
        Plot.ruleY([chance], { stroke: ink.soft, strokeDasharray: '5 4' }),
        Plot.line(results, { ...axes, stroke: 'network', z: 'network', strokeWidth: 2 }),
        Plot.dot(results, { ...axes, fill: 'network', r: 4 }),
      ],
    }),
  };
}
