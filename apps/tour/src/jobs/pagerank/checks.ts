import { tensor } from '@grad/core';
import type { Row } from '../../row.ts';
import { timedAsync } from '../../timed.ts';
import type { LinkGraph } from './link-graph.ts';
import type { Ranker } from './rank.ts';
import type { KnownRanking } from './references.ts';
import type { LinkEffect } from './sensitivity.ts';

/** An answer to be checked. */
export interface Answer {
  readonly graph: LinkGraph;
  readonly scores: Float64Array;
  readonly target: number;
  /** Derivatives of the target's score with respect to every weight. */
  readonly derivatives: Float64Array;
}

/** Scores and derivatives against those that are known; `prefix` tells graphs in one table apart. */
export function knownRows(answer: Answer, known: KnownRanking, prefix = ''): Row[] {
  const { graph, scores, derivatives } = answer;
  const page = (label: string) => graph.labels.indexOf(label);
  const source = known.source;
  return [
    ...known.scores.map(({ page: label, score }) => ({
      what: `${prefix}score of ${label}`,
      result: scores[page(label)] ?? Number.NaN,
      reference: score,
      source,
    })),
    ...known.derivatives.map(({ from, to, derivative }) => {
      const link = graph.from.findIndex(
        (leaves, index) => leaves === page(from) && graph.to[index] === page(to),
      );
      return {
        what: `${prefix}d score of ${known.target} / d weight of ${from} → ${to}`,
        result: derivatives[link] ?? Number.NaN,
        reference: derivative,
        source,
      };
    }),
  ];
}

/** What holds for every graph. */
export async function lawRows(
  answer: Answer,
  ranker: Ranker,
  strongest: LinkEffect | undefined,
): Promise<Row[]> {
  const { graph, scores } = answer;
  const ofTotal = await timedAsync(() => ranker.differentiateSum(graph.weights));
  return [
    {
      what: 'sum of all scores',
      result: tensor(scores).sum().item(),
      reference: { kind: 'exact', value: 1, tolerance: 1e-13 },
      source: 'a reader is always on some page',
    },
    {
      what: 'largest derivative of that sum',
      result: largest(ofTotal.value),
      reference: { kind: 'atMost', limit: 1e-13 },
      source: 'the sum is 1 whatever the weights',
      seconds: ofTotal.seconds,
    },
    {
      what: 'effect of scaling all the links of a page, relative to the score',
      result: scalingEffect(answer),
      reference: { kind: 'atMost', limit: 1e-12 },
      source: "only shares of a page's weight matter",
    },
    ...(strongest === undefined ? [] : [await differenceRow(answer, ranker, strongest)]),
  ];
}

/** Largest change of the target's score, relative to it, for a page whose links are all scaled. */
function scalingEffect({ graph, scores, target, derivatives }: Answer): number {
  const sums = new Float64Array(graph.labels.length);
  for (const [link, page] of graph.from.entries()) {
    const effect = (graph.weights[link] ?? 0) * (derivatives[link] ?? 0);
    sums[page] = (sums[page] ?? 0) + effect;
  }
  return largest(sums) / (scores[target] ?? Number.NaN);
}

/** The derivative for one link against a central difference of two complete solutions. */
async function differenceRow(
  { graph, scores, target, derivatives }: Answer,
  ranker: Ranker,
  { link, weight }: LinkEffect,
): Promise<Row> {
  const h = 1e-4 * weight;
  const scoreAt = async (shifted: number): Promise<number> => {
    const weights = graph.weights.slice();
    weights[link] = shifted;
    return (await ranker.rank(weights)).scores[target] ?? Number.NaN;
  };
  const { value, seconds } = await timedAsync(async () => {
    const above = await scoreAt(weight + h);
    return (above - (await scoreAt(weight - h))) / (2 * h);
  });
  const error = Math.abs(value - (derivatives[link] ?? Number.NaN));
  return {
    what: 'largest derivative against a finite difference, relative to score by weight',
    result: (error * weight) / (scores[target] ?? Number.NaN),
    reference: { kind: 'atMost', limit: 1e-8 },
    source: 'two more solutions, of error h²',
    seconds,
  };
}

function largest(values: Float64Array): number {
  return values.reduce((size, value) => Math.max(size, Math.abs(value)), 0);
}
