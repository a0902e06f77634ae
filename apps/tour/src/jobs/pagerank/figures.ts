import * as Plot from '@observablehq/plot';
import type { Figure } from '../../job.ts';
import { drawPlot, ink, powerOfTen } from '../../plot.ts';
import type { LinkGraph } from './link-graph.ts';
import type { LinkEffect } from './sensitivity.ts';

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

/** The strongest links as bars to either side. */
export function effectsFigure(
  graph: LinkGraph,
  effects: readonly LinkEffect[],
  target: string,
): Figure {
  const bars = effects.map(({ from, to, derivative }, index) => ({
    rank: index,
    name: `${graph.labels[from]} → ${graph.labels[to]}`,
    derivative,
  }));
  const names = new Map(bars.map(({ rank, name }) => [rank, name]));
  return {
    title: `The ${effects.length} links that matter most`,
    caption:
      `Derivative of the score of ${target} with respect to the weight of each link. A new vote for the ` +
      'target, or for those who vote for it, raises its score; a vote elsewhere takes a share away.',
    svg: drawPlot({
      marginLeft: 104,
      x: { label: 'derivative of the score', grid: true, ticks: 5, tickFormat: '.1e' },
      y: { label: null, tickFormat: (rank: number) => names.get(rank) ?? '' },
      marks: [
        Plot.barX(bars, {
          x: 'derivative',
          y: 'rank',
          fill: ({ derivative }: { derivative: number }) =>
            derivative > 0 ? ink.third : ink.second,
          rx: 2,
        }),
        Plot.ruleX([0], { stroke: ink.text }),
      ],
    }),
  };
}
