import type { Attachment, Listing } from '../../job.ts';
import { toCsv } from '../../to-csv.ts';
import type { Answer } from './checks.ts';
import { type LinkEffect, topPages } from './sensitivity.ts';

const listed = 10;

/** The best pages and the strongest links. */
export function listings(
  { graph, scores, target }: Answer,
  effects: readonly LinkEffect[],
): Listing[] {
  const best = topPages(scores, listed);
  return [
    {
      title: `The ${best.length} best pages`,
      columns: ['page', 'score'],
      rows: best.map((page) => [graph.labels[page] ?? '', (scores[page] ?? 0).toPrecision(10)]),
    },
    {
      title: `The ${effects.length} links that matter most to ${graph.labels[target]}`,
      columns: ['link', 'weight', 'derivative of the score'],
      rows: effects.map(({ from, to, weight, derivative }) => [
        `${graph.labels[from]} → ${graph.labels[to]}`,
        String(weight),
        derivative.toExponential(9),
      ]),
    },
  ];
}

/** Every score and every derivative, for other programs. */
export function attachments({ graph, scores, derivatives }: Answer): Attachment[] {
  const name = (page: number | undefined) => graph.labels[page ?? 0] ?? '';
  return [
    {
      name: 'pagerank-scores.csv',
      content: toCsv(
        ['page', 'score'],
        Array.from(scores, (score, page) => [name(page), score]),
      ),
    },
    {
      name: 'pagerank-derivatives.csv',
      content: toCsv(
        ['from', 'to', 'weight', 'derivative'],
        Array.from(derivatives, (derivative, link) => [
          name(graph.from[link]),
          name(graph.to[link]),
          graph.weights[link] ?? 0,
          derivative,
        ]),
      ),
    },
  ];
}
