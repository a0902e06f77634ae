import { Option } from '@commander-js/extra-typings';
import { jit, random, type Tensor } from '@grad/core';
import { adam, fit } from '@grad/optim';
import { defineJob, type Job, type JobContext, type JobResult } from '../../job.ts';
import { numberOption } from '../../parse-number.ts';
import type { Row } from '../../row.ts';
import { toCsv } from '../../to-csv.ts';
import { linearRow } from './checks.ts';
import { explanation } from './explanation.ts';
import { lossFigure } from './figures/loss-figure.ts';
import { stagesFigure } from './figures/stages-figure.ts';
import { firstWeights, flow, type Weights } from './model.ts';
import { type Stage, stageOf } from './stages.ts';
import { drawTarget, gaussiansEntropy, type TargetName, targetNames } from './target.ts';

type Options = { readonly target: TargetName; readonly steps: number; readonly seed: number };

const batchSize = 128;

/** Trains a continuous normalizing flow. */
export const flowJob: Job = defineJob({
  name: 'flow',
  title: 'A flow that learns a density',
  summary: 'train a differential equation to turn a normal distribution into that of data',
  explanation,
  options: (command) =>
    command
      .addOption(
        new Option('--target <name>', 'distribution to learn')
          .choices(targetNames)
          .default('gaussians' as const),
      )
      .option(
        '--steps <number>',
        'steps of the training',
        numberOption({
          holds: (x) => Number.isInteger(x) && x >= 1 && x <= 100_000,
          expected: 'a whole number from 1 to 100,000',
        }),
        150,
      )
      .option(
        '--seed <number>',
        'seed of the random numbers',
        numberOption({
          holds: (x) => Number.isInteger(x) && x >= 0 && x < 2 ** 31,
          expected: 'a whole number of 0 or more',
        }),
        0,
      )
      .addHelpText('after', '\nExample:\n  npm start -- flow --target moons --steps 1000\n'),
  run: train,
});

async function train(options: Options, context: JobContext): Promise<JobResult> {
  const { target, steps, seed } = options;
  const { signal } = context;
  await context.enter('training', 0);
  const looks = new Set([Math.ceil(steps / 8), steps]);
  const start = firstWeights(seed);
  const stages: Stage[] = [await stageOf(start, 0, signal)];
  const draws = random.key(seed + 1);
  const { params, history, status, message } = await fit(meanLoss, start, {
    optimizer: adam({ learningRate: 0.02 }),
    batches: (step) => [drawTarget(target, random.foldIn(draws, step), batchSize)],
    epochs: steps,
    signal,
    onProgress: ({ step }) => context.progress.show('training', (0.9 * step) / steps),
    onEpoch: async ({ step, params: weights }) => {
      if (looks.has(step)) stages.push(await stageOf(weights, step, signal));
    },
  });
  signal.throwIfAborted();
  if (status !== 'completed') throw new Error(message);

  await context.enter('checking', 0.9);
  const heldOut = drawTarget(target, random.key(seed + 2), 1000);
  const loss = await jit(meanLoss).async([params, heldOut], { signal });
  const first = await jit(meanLoss).async([start, heldOut], { signal });
  const last = stages.at(-1);
  const rows: Row[] = [
    linearRow(),
    {
      what: 'density summed over the square, at the end',
      result: last?.mass ?? Number.NaN,
      reference: { kind: 'exact', value: 1, tolerance: 0.02 },
      source: 'a density',
    },
    {
      what: 'mean of -ln(density) of new data, in nats, before',
      result: first.item(),
    },
    {
      what: 'mean of -ln(density) of new data, in nats, after',
      result: loss.item(),
      reference: { kind: 'atMost', limit: first.item() },
      source: 'the value before',
    },
    ...(target === 'gaussians'
      ? [{ what: 'entropy of the data, in nats: the least possible', result: gaussiansEntropy }]
      : []),
  ];

  await context.enter('drawing', 0.95);
  const least = target === 'gaussians' ? gaussiansEntropy : undefined;
  const data = heldOut.at([0, 400]).dataSync();
  const shown = Array.from({ length: 400 }, (_, k) => [data[2 * k] ?? 0, data[2 * k + 1] ?? 0]);
  return {
    subject: `${target}: ${steps} steps with batches of ${batchSize} points.`,
    rows,
    figures: [stagesFigure(stages, shown), lossFigure(history.losses, least)],
    listings: [],
    attachments: [
      { name: 'flow-samples.csv', content: toCsv(['x', 'y'], last?.samples ?? []) },
      {
        name: 'flow-losses.csv',
        content: toCsv(
          ['step', 'loss'],
          history.losses.map((value, step) => [step, value]),
        ),
      },
    ],
  };
}

function meanLoss(weights: Weights, points: Tensor): Tensor {
  return flow.logDensity(weights, points).mean().neg();
}
