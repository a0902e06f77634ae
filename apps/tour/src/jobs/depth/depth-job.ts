import { random } from '@grad/core';
import { defineJob, type Job, type JobContext, type JobResult } from '../../job.ts';
import { numberOption } from '../../parse-number.ts';
import type { Reference, Row } from '../../row.ts';
import { toCsv } from '../../to-csv.ts';
import { blockModel, nearestMean } from './block-model.ts';
import { cycleProfile } from './closed-form.ts';
import { explanation } from './explanation.ts';
import { accuracyFigure, type DepthResult } from './figures/accuracy-figure.ts';
import { profileFigure } from './figures/profile-figure.ts';
import { gcn } from './gcn.ts';
import { gcn2 } from './gcn2.ts';
import type { DeepNetwork } from './network.ts';
import type { NodeTask } from './node-task.ts';
import { type Profile, profileOf } from './profile.ts';
import { readCitations } from './read-citations.ts';
import { type Training, trainNetwork } from './train-network.ts';

type Options = {
  readonly data?: string | undefined;
  readonly layers: number;
  readonly full?: boolean | undefined;
  readonly seed: number;
  readonly epochs?: number | undefined;
};

const hidden = 64;

/** Epochs at most of a full training, as published for each. */
const mostEpochs = { GCN: 200, GCNII: 1500 };

/** Trains shallow and deep networks on a graph, and looks into them layer by layer. */
export const depthJob: Job = defineJob({
  name: 'depth',
  title: 'How deep may a graph network be?',
  summary: 'train shallow and deep graph networks, and see what depth does to nodes',
  explanation,
  options: (command) =>
    command
      .option('--data <folder>', 'a citation graph in place of a drawn one, such as Cora')
      .option(
        '--layers <number>',
        'layers of the deepest networks',
        numberOption({
          holds: (x) => Number.isInteger(x) && x >= 4 && x <= 256,
          expected: 'a whole number from 4 to 256',
        }),
        32,
      )
      .option('--full', 'train to the end at 2, 4, 8, ... layers: many minutes for Cora')
      .option(
        '--epochs <number>',
        'epochs at most (default: 80; with --full 200 for GCN and 1500 for GCNII)',
        numberOption({
          holds: (x) => Number.isInteger(x) && x >= 1 && x <= 100_000,
          expected: 'a whole number from 1 to 100,000',
        }),
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
      .addHelpText(
        'after',
        '\nThe folder has edges.tsv (two nodes a line), features.csr.tsv (the numbers of the words of a node),\n' +
          'labels.txt, and split.tsv (train, val and test, each with its nodes).\n' +
          '\nExample:\n  npm start -- depth --data cora --layers 64 --full\n',
      ),
  run: goDeep,
});

/** One network to train, and the share of right answers that is asked of it. */
interface Case {
  readonly network: DeepNetwork;
  readonly reference?: { readonly least?: number; readonly most?: number; readonly source: string };
}

async function goDeep(options: Options, context: JobContext): Promise<JobResult> {
  const { signal } = context;
  await context.enter('the cycle', 0);
  const cycle = cycleProfile();
  await context.enter('reading the graph', 0.05);
  const { data, full = false, seed } = options;
  const task = data === undefined ? blockModel(seed) : await readCitations(data, context);
  const cases = casesOf(task, options);
  const trained: { at: Case; training: Training }[] = [];
  for (const [k, at] of cases.entries()) {
    const stage = `${at.network.name} of ${at.network.layers} layers`;
    const share = (fraction: number): number => 0.1 + (0.8 * (k + fraction)) / cases.length;
    await context.enter(stage, share(0));
    const epochs = options.epochs ?? (full ? mostEpochs[at.network.name] : 80);
    const training = await trainNetwork(task, at.network, {
      seed,
      epochs,
      patience: full ? 100 : epochs,
      signal,
      onEpoch: (epoch) => context.progress.show(stage, share(epoch / epochs)),
    });
    trained.push({ at, training });
  }
  const rows: Row[] = [
    ...cycle.rows,
    ...trained.flatMap(({ at, training }) => resultRows(at, training)),
  ];

  await context.enter('looking inside', 0.92);
  const profiles: Profile[] = [cycle.profile];
  for (const { at, training } of trained.filter(
    (each) => each.at.network.layers === options.layers,
  )) {
    const { name } = at.network;
    const fresh = at.network.init(random.key(seed));
    if (name === 'GCN')
      profiles.push(await profileOf('GCN, untrained', task, at.network, fresh, signal));
    profiles.push(await profileOf(`${name}, trained`, task, at.network, training.weights, signal));
  }
  await context.enter('drawing', 0.97);
  const results: DepthResult[] = trained.map(({ at: { network }, training }) => ({
    network: network.name,
    layers: network.layers,
    accuracy: training.accuracy,
  }));
  return {
    subject: `${task.name}: ${task.labels.length} nodes of ${task.classes} classes, ${task.graph.from.size / 2} edges, ${task.train.length} nodes to learn from.`,
    rows,
    figures: [
      accuracyFigure(results, largestClass(task)),
      profileFigure(
        {
          title: 'Energy by layer',
          caption:
            'Dirichlet energy of the numbers at the nodes, as a share of that behind the first layer: how much neighbors still differ.',
          label: 'energy',
        },
        profiles,
        ({ energies }) => energies,
        'first',
      ),
      profileFigure(
        {
          title: 'Gradient by layer',
          caption:
            'Norm of the gradient of the loss with respect to the numbers at each layer, as a share of that at the last: how much is left on the way back.',
          label: 'gradient',
        },
        profiles,
        ({ gradients }) => gradients,
        'last',
      ),
    ],
    listings: [],
    attachments: [
      {
        name: 'depth-profiles.csv',
        content: toCsv(
          ['network', 'layer', 'energy', 'gradient'],
          profiles.flatMap(({ name, energies, gradients }) =>
            energies.map((energy, layer) => [name, layer, energy, gradients[layer] ?? 0]),
          ),
        ),
      },
    ],
  };
}

/** The networks to train, with what is known of them. */
function casesOf(task: NodeTask, { data, layers, full = false }: Options): Case[] {
  const shallow = gcn(task, { layers: 2, hidden, drop: 0.5 });
  const deep = gcn(task, { layers, hidden, drop: 0.5 });
  const kept = gcn2(task, { layers, hidden, drop: 0.6 });
  if (data === undefined) {
    const without = nearestMean(task);
    return [
      {
        network: shallow,
        reference: { least: without, source: 'the nearest mean, without the graph' },
      },
      ...(layers > 8 ? [{ network: gcn(task, { layers: 8, hidden, drop: 0.5 }) }] : []),
      { network: deep },
      {
        network: kept,
        reference: { least: without, source: 'the nearest mean, without the graph' },
      },
    ];
  }
  if (!full) return [{ network: shallow }, { network: kept }];
  const between: Case[] = [];
  for (let depth = 4; depth < layers; depth *= 2) {
    between.push({ network: gcn(task, { layers: depth, hidden, drop: 0.5 }) });
  }
  const isCora = task.labels.length === 2708 && layers === 64;
  const source = 'M. Chen et al., Simple and Deep Graph Convolutional Networks (2020), table 3';
  return [
    { network: shallow, ...(isCora && { reference: { least: 0.8, source } }) },
    ...between,
    { network: deep, ...(isCora && { reference: { most: 0.4, source } }) },
    { network: kept, ...(isCora && { reference: { least: 0.83, source } }) },
  ];
}

function resultRows({ network, reference }: Case, training: Training): Row[] {
  const name = `${network.name}, ${network.layers} layers`;
  const right = {
    what: `${name}: share of right answers`,
    result: training.accuracy,
    seconds: training.epochs * training.secondsPerEpoch,
  };
  const wrong = (least: number): Reference => ({ kind: 'atMost', limit: 1 - least });
  return [
    right,
    ...(reference?.least === undefined
      ? []
      : [
          {
            what: `${name}: share of wrong answers`,
            result: 1 - training.accuracy,
            reference: wrong(reference.least),
            source: reference.source,
          },
        ]),
    ...(reference?.most === undefined
      ? []
      : [
          {
            what: `${name}: share of right answers, which depth spoils`,
            result: training.accuracy,
            reference: { kind: 'atMost', limit: reference.most } as const,
            source: reference.source,
          },
        ]),
    {
      what: `${name}: milliseconds an epoch, of ${training.epochs}`,
      result: Number((training.secondsPerEpoch * 1000).toPrecision(3)),
    },
  ];
}

function largestClass({ labels, classes, test }: NodeTask): number {
  const counts = Array.from(
    { length: classes },
    (_, label) => [...test].filter((node) => labels[node] === label).length,
  );
  return Math.max(...counts) / test.length;
}
