import * as Plot from '@observablehq/plot';
import type { Figure } from '../../../job.ts';
import { drawPlot, ink } from '../../../plot.ts';
import type { TicketRound } from '../ticket.ts';

/** Accuracy over the weights that are left. */
export function ticketFigure(rounds: readonly TicketRound[]): Figure {
  const points = rounds.flatMap(({ density, ticket, random }) => [
    { weights: 100 * density, accuracy: ticket, start: 'winning ticket' },
    ...(random === undefined
      ? []
      : [{ weights: 100 * density, accuracy: random, start: 'other first weights' }]),
  ]);
  const least = Math.min(...rounds.map(({ density }) => density));
  const [first, second] = rounds.map(({ epochs }) => epochs);
  const between = second === first ? undefined : second === 1 ? 'one epoch' : `${second} epochs`;
  const axes = { x: 'weights', y: 'accuracy', stroke: 'start' } as const;
  return {
    title: 'A winning ticket',
    caption:
      'Accuracy along the weights that are left, on a logarithmic scale from all of them at the left; the connections with their own first weights, and with others.' +
      (between === undefined
        ? ''
        : ` Between the first and the last, trainings are of ${between}.`),
    svg: drawPlot({
      color: {
        domain: ['winning ticket', 'other first weights'],
        range: [ink.third, ink.second],
        legend: true,
      },
      x: {
        type: 'log',
        reverse: true,
        label: 'weights left, %',
        ticks: [100, 50, 20, 10, 5, 2, 1, 0.5].filter((tick) => tick > 90 * least),
        tickFormat: String,
      },
      y: { label: 'accuracy', grid: true },
      marks: [
        Plot.line(points, { ...axes, strokeWidth: 2 }),
        Plot.dot(points, { ...axes, fill: 'start', r: 3 }),
      ],
    }),
  };
}
