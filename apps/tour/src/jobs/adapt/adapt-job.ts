import { jit, linspace, random, type Tensor } from '@grad/core';
import { type MetaSgdParams, maml, type Sinusoids, sinusoids } from '@grad/meta';
import { defineJob, type Job, type JobContext, type JobResult } from '../../job.ts';
import { numberOption } from '../../parse-number.ts';
import type { Row } from '../../row.ts';
import { timedAsync } from '../../timed.ts';
import { toCsv } from '../../to-csv.ts';
import { closedFormRows } from './closed-form.ts';
import { explanation } from './explanation.ts';
import { curveFigure, type Fitted } from './figures/curve-figure.ts';
import { type Errors, errorFigure } from './figures/error-figure.ts';
import { type Learned, learn } from './learn.ts';
import { byMaml, byMetaSgd, fresh, loss, model, type Params, rate } from './model.ts';
import { asPoints, drawnCurve, readPoints } from './read-points.ts';

type Options = {
  readonly points?: string | undefined;
  readonly iterations: number;
  readonly seed: number;
};

/** What the errors may be at most after so many meta-iterations; the papers have 20,000 and more. */
const limits = [
  { from: 20_000, maml: 0.7, metaSgd: 0.35 },
  { from: 2000, maml: 1.2, metaSgd: 0.6 },
];
const steps = [0, 1, 2, 5, 10];

/** Learns from sine curves how to learn another one from ten points. */
export const adaptJob: Job = defineJob({
  name: 'adapt',
  title: 'Learning a curve from ten points',
  summary: 'learn from many sine curves how to learn a new one in one step',
  explanation,
  options: (command) =>
    command
      .option('--points <file>', 'a curve to adapt to, as TSV or CSV: x, y (default: a sine curve)')
      .option(
        '--iterations <number>',
        'meta-iterations, with 25 curves each; the published experiment is 20000',
        numberOption({
          holds: (x) => Number.isInteger(x) && x >= 1 && x <= 1e7,
          expected: 'a whole number from 1 to 10000000',
        }),
        2000,
      )
      .option(
        '--seed <number>',
        'seed of the weights and curves',
        numberOption({
          holds: (x) => Number.isInteger(x) && x >= 0 && x < 2 ** 31,
          expected: 'a whole number of 0 or more',
        }),
        0,
      )
      .addHelpText(
        'after',
        '\nCurves that were learned from have x between -5 and 5, and y between -5 and 5.\n' +
          'Columns are separated by tabs, commas, semicolons or spaces; lines that begin with # are comments.\n' +
          '\nExamples:\n' +
          '  npm start -- adapt --iterations 20000\n' +
          '  npm start -- adapt --points curve.csv\n',
      ),
  run: adapt,
});

async function adapt(options: Options, context: JobContext): Promise<JobResult> {
  const { iterations, seed } = options;
  await context.enter('reading the points', 0);
  const curve =
    options.points === undefined ? drawnCurve : await readPoints(options.points, context);
  const tests = sinusoids(random.key(seed + 2 ** 31), { tasks: 500, shots: 10, queries: 100 });
  const shared = (stage: string, from: number) => ({
    iterations,
    seed,
    signal: context.signal,
    onProgress: (fraction: number) => context.progress.show(stage, from + 0.4 * fraction),
  });

  await context.enter('learning a start (MAML)', 0.05);
  const start = fresh(seed);
  const learned = await timedAsync(() =>
    learn<Params>({
      ...shared('learning a start (MAML)', 0.05),
      start,
      loss: (params, tasks) => byMaml.batch(params, tasks).loss,
      judge: jit((params: Params): Tensor => byMaml.batch(params, tests).loss),
    }),
  );
  await context.enter('learning step sizes too (Meta-SGD)', 0.45);
  const withRates = await timedAsync(() =>
    learn<MetaSgdParams<Params>>({
      ...shared('learning step sizes too (Meta-SGD)', 0.45),
      start: byMetaSgd.init(start, rate),
      loss: (meta, tasks) => byMetaSgd.batch(meta, tasks).loss,
      judge: jit((meta: MetaSgdParams<Params>): Tensor => byMetaSgd.batch(meta, tests).loss),
    }),
  );

  await context.enter('adapting', 0.85);
  const [theta, meta] = [learned.value.params, withRates.value.params];
  const judged = {
    maml: byMaml.batch(theta, tests).loss.item(),
    metaSgd: byMetaSgd.batch(meta, tests).loss.item(),
  };
  const support = asPoints(curve);
  const x = linspace(-5, 5, 201);
  const fitted = (name: string, params: Params): Fitted => {
    const y = model.apply(params, x.astype('float32').reshape([201, 1])).dataSync();
    return {
      name,
      values: [...x.dataSync()].map((at, i) => ({ x: Number(at), y: Number(y[i]) })),
    };
  };
  const fits = [
    fitted('MAML before', theta),
    fitted('MAML, 1 step', byMaml.adapt(theta, support)),
    fitted('MAML, 10 steps', byMaml.adapt(theta, support, { steps: 10 })),
    fitted('Meta-SGD, 1 step', byMetaSgd.adapt(meta, support)),
  ];
  await context.enter('checking', 0.92);
  const rows = [
    ...closedFormRows(),
    ...sinusoidRows(tests, judged, iterations, [learned.seconds, withRates.seconds]),
    { what: 'error at the points given, MAML before', result: loss(theta, support).item() },
    {
      what: 'error at the points given, MAML after 10 steps',
      result: loss(byMaml.adapt(theta, support, { steps: 10 }), support).item(),
    },
    {
      what: 'error at the points given, Meta-SGD after 1 step',
      result: loss(byMetaSgd.adapt(meta, support), support).item(),
    },
  ];

  await context.enter('drawing', 0.95);
  return {
    subject: `${curve.name}; ${iterations} meta-iterations of 25 sine curves with 10 points each.`,
    rows,
    figures: [
      curveFigure(curve, fits),
      errorFigure(
        {
          title: 'More steps than were trained for',
          caption:
            'Error on 500 new curves by the number of steps at the ten points of each. MAML learned to take one step; further ones still help. A network with random weights gains nothing from so few.',
          label: 'steps',
        },
        [stepErrors('MAML', theta, tests), stepErrors('random start', start, tests)],
      ),
      errorFigure(
        {
          title: 'Learning to learn',
          caption: 'Error on 500 new curves after one step, while learning from others.',
          label: 'meta-iterations',
        },
        [learningErrors('MAML', learned.value), learningErrors('Meta-SGD', withRates.value)],
      ),
    ],
    listings: [],
    attachments: [
      {
        name: 'adapt-curves.csv',
        content: toCsv(
          ['network', 'x', 'y'],
          fits.flatMap(({ name, values }) => values.map((point) => [name, point.x, point.y])),
        ),
      },
    ],
  };
}

/** Errors on new sine curves, against what was published. */
function sinusoidRows(
  tests: Sinusoids,
  judged: { maml: number; metaSgd: number },
  iterations: number,
  [first = 0, second = 0]: readonly number[],
): Row[] {
  const many = sinusoids(random.key(1), { tasks: 20_000, shots: 10, dtype: 'float64' });
  const known = limits.find(({ from }) => iterations >= from);
  const within = (limit: number | undefined): Partial<Row> =>
    limit === undefined
      ? {}
      : { reference: { kind: 'atMost', limit }, source: 'a limit for so many meta-iterations' };
  return [
    {
      what: 'predicting 0, on 20,000 curves',
      result: many.support.y.square().mean().item(),
      // Four standard errors of the mean over so many curves.
      reference: { kind: 'exact', value: 4.2516667, tolerance: 0.125 },
      source: 'E A² / 2 of amplitudes in [0.1, 5]',
    },
    { what: 'predicting 0, on 500 test curves', result: tests.query.y.square().mean().item() },
    {
      what: 'MAML after one step, on 500 test curves',
      result: judged.maml,
      seconds: first,
      ...within(known?.maml),
    },
    {
      what: 'Meta-SGD after one step, on 500 test curves',
      result: judged.metaSgd,
      seconds: second,
      ...within(known?.metaSgd),
    },
  ];
}

function stepErrors(name: string, start: Params, tests: Sinusoids): Errors {
  const points = steps.map((innerSteps) => {
    const learner = maml(loss, { innerSteps, innerLearningRate: rate });
    return { count: innerSteps, error: learner.batch(start, tests).loss.item() };
  });
  return { name, points };
}

function learningErrors(name: string, { history }: Pick<Learned<unknown>, 'history'>): Errors {
  return { name, points: history.map(({ iteration, error }) => ({ count: iteration, error })) };
}
