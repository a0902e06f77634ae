import { defineJob, type Job, type JobContext, type JobResult } from '../../job.ts';
import { numberOption } from '../../parse-number.ts';
import type { Row } from '../../row.ts';
import { timedAsync } from '../../timed.ts';
import { UserError } from '../../user-error.ts';
import { type Answer, knownRows, lawRows } from './checks.ts';
import { explanation } from './explanation.ts';
import { effectsFigure } from './figures/effects-figure.ts';
import { networkFigure } from './figures/network-figure.ts';
import { residualFigure } from './figures/residual-figure.ts';
import { type LinkGraph, linkGraph } from './link-graph.ts';
import { attachments, listings } from './outputs.ts';
import { createRanker } from './rank.ts';
import { type GraphChoice, readGraph } from './read-graph.ts';
import { karateRanking, sixPageLinks, sixPageRanking } from './references.ts';
import { strongestLinks, topPages } from './sensitivity.ts';

type Options = GraphChoice & { readonly target?: string | undefined; readonly alpha: number };

const listed = 10;

/** Scores the pages of a graph and differentiates one score with respect to every link. */
export const pagerankJob: Job = defineJob({
  name: 'pagerank',
  title: 'PageRank, and the links that make it',
  summary: 'score the pages of a graph; differentiate one score with respect to every link',
  explanation,
  options: (command) =>
    command
      .option(
        '--edges <file>',
        "links as TSV or CSV: from, to and, optionally, weight (default: Zachary's karate club)",
      )
      .option('--undirected', 'every line of the file is a link both ways')
      .option('--target <page>', 'the page whose score is differentiated (default: the best page)')
      .option(
        '--alpha <number>',
        'probability of following a link and not jumping',
        numberOption({ holds: (x) => x > 0 && x < 1, expected: 'a number between 0 and 1' }),
        0.85,
      )
      .addHelpText(
        'after',
        '\nColumns are separated by tabs, commas, semicolons or spaces; lines that begin with # are comments.\n' +
          '\nExamples:\n' +
          '  npm start -- pagerank --edges links.csv --target home\n' +
          '  npm start -- pagerank --edges friends.tsv --undirected --alpha 0.9\n',
      ),
  run: rankAndDifferentiate,
});

async function rankAndDifferentiate(options: Options, context: JobContext): Promise<JobResult> {
  const { alpha } = options;
  await context.enter('reading the links', 0);
  const graph = await readGraph(options, context);

  await context.enter('solving for the scores', 0.1);
  const ranker = createRanker(graph, alpha, context.signal);
  const within = (stage: string, from: number, to: number) => (fraction: number) =>
    context.progress.show(stage, from + (to - from) * fraction);
  const ranking = await timedAsync(() =>
    ranker.rank(graph.weights, within('solving for the scores', 0.1, 0.4)),
  );
  const { scores, residuals } = ranking.value;
  const target = findTarget(graph, scores, options.target);

  await context.enter('differentiating', 0.4);
  const derivative = await timedAsync(() =>
    ranker.differentiate(graph.weights, target, within('differentiating', 0.4, 0.7)),
  );
  const answer: Answer = { graph, scores, target, derivatives: derivative.value };
  const effects = strongestLinks(graph, derivative.value, listed);

  await context.enter('checking', 0.7);
  const targetLabel = graph.labels[target] ?? '';
  const rows: Row[] = [
    ...(options.edges === undefined ? await referenceRows(answer, alpha, context.signal) : []),
    { what: 'iterations', result: residuals.length, seconds: ranking.seconds },
    { what: `score of ${targetLabel}, the target`, result: scores[target] ?? Number.NaN },
    {
      what: `largest of its derivatives, of ${graph.weights.length}`,
      result: effects[0]?.derivative ?? 0,
      seconds: derivative.seconds,
    },
    ...(await lawRows(
      answer,
      ranker,
      effects.find(({ weight }) => weight > 0),
    )),
  ];

  await context.enter('drawing', 0.9);
  return {
    subject: `${graph.name}: ${graph.labels.length} pages, ${graph.weights.length} links, α = ${alpha}.`,
    rows,
    figures: [
      networkFigure(graph, scores, derivative.value, target),
      residualFigure(residuals, alpha),
      effectsFigure(graph, effects, targetLabel),
    ],
    listings: listings(answer, effects),
    attachments: attachments(answer),
  };
}

function findTarget(graph: LinkGraph, scores: Float64Array, label: string | undefined): number {
  if (label === undefined) return topPages(scores, 1)[0] ?? 0;
  const target = graph.labels.indexOf(label);
  if (target >= 0) return target;
  const examples = graph.labels.slice(0, 5).join(', ');
  throw new UserError(
    `There is no page '${label}' in ${graph.name}. Its pages are ${examples}, and so on; ` +
      'give one of them as --target.',
  );
}

/** The known answers for the karate club, where they apply, and for a graph of six pages. */
async function referenceRows(answer: Answer, alpha: number, signal: AbortSignal): Promise<Row[]> {
  const target = answer.graph.labels[answer.target];
  const applies = alpha === karateRanking.alpha && target === karateRanking.target;
  return [...(applies ? knownRows(answer, karateRanking) : []), ...(await sixPageRows(signal))];
}

async function sixPageRows(signal: AbortSignal): Promise<Row[]> {
  const graph = linkGraph('six pages', sixPageLinks, { undirected: false });
  const ranker = createRanker(graph, sixPageRanking.alpha, signal);
  const { scores } = await ranker.rank(graph.weights);
  const target = graph.labels.indexOf(sixPageRanking.target);
  const derivatives = await ranker.differentiate(graph.weights, target);
  return knownRows({ graph, scores, target, derivatives }, sixPageRanking, 'six pages: ');
}
