import * as Plot from '@observablehq/plot';
import type { Figure } from '../../../job.ts';
import { drawPlot, ink } from '../../../plot.ts';
import type { LinkGraph } from '../link-graph.ts';
import type { LinkEffect } from '../sensitivity.ts';
import { shortLabel } from './short-label.ts';

/** The strongest links as bars to either side. */
export function effectsFigure(
  graph: LinkGraph,
  effects: readonly LinkEffect[],
  target: string,
): Figure {
  const bars = effects.map(({ from, to, derivative }, index) => ({
    rank: index,
    name: `${shortLabel(graph.labels[from] ?? '')} → ${shortLabel(graph.labels[to] ?? '')}`,
    derivative,
  }));
  const names = new Map(bars.map(({ rank, name }) => [rank, name]));
  return {
    title: `The ${effects.length} links that matter most`,
    caption:
      `Derivative of the score of ${target} with respect to the weight of each link. A new vote for the ` +
      'target, or for those who vote for it, raises its score; a vote elsewhere takes a share away.',
    svg: drawPlot({
      marginLeft: 24 + 6.5 * Math.max(...bars.map(({ name }) => name.length)),
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
