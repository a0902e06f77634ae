import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { FormatError } from '@grad/data';
import { fromSmiles, type MoleculeGraph, readMolecules, SmilesError } from '@grad/graph';
import { defineJob, type Job, type JobContext, type JobResult } from '../../job.ts';
import { numberOption } from '../../parse-number.ts';
import type { Row } from '../../row.ts';
import { toCsv } from '../../to-csv.ts';
import { UserError } from '../../user-error.ts';
import { contributionsOf } from './contributions.ts';
import { descriptorsOf } from './descriptors.ts';
import { explanation } from './explanation.ts';
import { historyFigure } from './figures/history-figure.ts';
import { moleculesFigure } from './figures/molecules-figure.ts';
import { predictionFigure } from './figures/prediction-figure.ts';
import { linearError } from './linear-model.ts';
import { ownMolecules } from './own-molecules.ts';
import type { MoleculeTable } from './split-molecules.ts';
import { fullTraining, type PropertyTraining, trainProperty } from './train-property.ts';

type Options = {
  readonly csv?: string | undefined;
  readonly value?: string | undefined;
  readonly smiles?: string[] | undefined;
  readonly seeds: number;
  readonly epochs?: number | undefined;
  readonly networks?: number | undefined;
  readonly descriptors?: boolean | undefined;
};

const whole = (most: number) =>
  numberOption({
    holds: (x) => Number.isInteger(x) && x >= 1 && x <= most,
    expected: `a whole number from 1 to ${most}`,
  });

/** Shown when no molecule is given: aspirin, caffeine, paracetamol and ibuprofen. */
const known = [
  'CC(=O)Oc1ccccc1C(=O)O',
  'Cn1cnc2c1c(=O)n(C)c(=O)n2C',
  'CC(=O)Nc1ccc(O)cc1',
  'CC(C)Cc1ccc(cc1)C(C)C(=O)O',
];

/** The title of ESOL's column of measured solubilities, and its number of molecules. */
const esol = { title: 'measured log solubility in mols per litre', molecules: 1128 };

/** How long to train on molecules of its own. */
const quickTraining = { epochs: 24, networks: 1 };

/** Learns a property of molecules by messages along bonds. */
export const moleculeJob: Job = defineJob({
  name: 'molecule',
  title: 'Molecules: a property, and what each atom adds to it',
  summary: 'learn a property of molecules by message passing, and color their atoms',
  explanation,
  options: (command) =>
    command
      .option('--smiles <smiles...>', 'molecules to tell the property of, and to draw')
      .option('--csv <file>', 'a table with a column smiles, in place of molecules of its own')
      .option(
        '--value <title>',
        'the column of the property (default: ESOL, or the last of numbers)',
      )
      .option(
        '--no-descriptors',
        'with a table: tell the networks of atoms and bonds alone, not also logP, polar surface and the like',
      )
      .option('--seeds <number>', 'trainings, each with another split', whole(100), 1)
      .option(
        '--epochs <number>',
        `passes over the molecules (default: ${fullTraining.epochs}, without a table ${quickTraining.epochs})`,
        whole(10_000),
      )
      .option(
        '--networks <number>',
        `networks whose mean is told (default: ${fullTraining.networks}, without a table ${quickTraining.networks})`,
        whole(100),
      )
      .addHelpText(
        'after',
        '\nExamples:\n' +
          '  npm start -- molecule --smiles CCO c1ccccc1O\n' +
          '  npm start -- molecule --csv delaney-processed.csv --seeds 5\n',
      ),
  run: learnProperty,
});

async function learnProperty(options: Options, context: JobContext): Promise<JobResult> {
  const { seeds, csv } = options;
  await context.enter('reading molecules', 0);
  const shown = (options.smiles ?? known).map(readOption);
  const table = csv === undefined ? ownMolecules(400) : await readTable(csv, options, context);
  const usual = csv === undefined ? quickTraining : fullTraining;
  const { epochs = usual.epochs, networks = usual.networks } = options;
  if (table.values.length < 10) {
    throw new UserError(
      `${table.name}: ${table.values.length} molecules are too few; give 10 or more.`,
    );
  }
  const trainings: PropertyTraining[] = [];
  const began = performance.now();
  for (let seed = 0; seed < seeds; seed++) {
    const stage = seeds === 1 ? 'training' : `training ${seed + 1} of ${seeds}`;
    const share = (fraction: number): number => 0.05 + (0.85 * (seed + fraction)) / seeds;
    await context.enter(stage, share(0));
    trainings.push(
      await trainProperty(table, {
        seed,
        epochs,
        networks,
        signal: context.signal,
        onProgress: (done) => context.progress.show(stage, share(done)),
      }),
    );
  }
  const seconds = (performance.now() - began) / 1000;
  const [first] = trainings;
  if (first === undefined) throw new Error('There was no training.');
  await context.enter('attributing', 0.92);
  const contributions = contributionsOf(
    first,
    shown,
    shown.map(({ smiles }) => (table.descriptors[0]?.length ? descriptorsOf(smiles) : [])),
  );
  const linear = trainings.map(({ split }) => linearError(table, split));
  await context.enter('drawing', 0.97);
  const told = first.split.test.map((k, place) => ({
    smiles: table.graphs[k]?.smiles ?? '',
    value: table.values[k] ?? Number.NaN,
    prediction: first.predictions[place] ?? Number.NaN,
  }));
  return {
    subject: `${table.name}: ${table.property}; ${epochs} epochs${networks === 1 ? '' : `, ${networks} networks`}.`,
    rows: [
      ...errorRows(table, trainings, linear, seconds),
      {
        what: "contributions of atoms: largest difference between their sum and the answer's",
        result: contributions.missed,
        reference: { kind: 'atMost', limit: 0.02 },
        source: 'completeness of integrated gradients; midpoints of 256 parts',
      },
    ],
    figures: [
      moleculesFigure(contributions.molecules, table.property),
      predictionFigure(told, table.property),
      historyFigure(first.histories, linear[0] ?? 0),
    ],
    listings: [],
    attachments: [
      {
        name: 'molecule-test.csv',
        content: toCsv(
          ['smiles', 'value', 'prediction'],
          told.map(({ smiles, value, prediction }) => [smiles, value, prediction]),
        ),
      },
      {
        name: 'molecule-atoms.csv',
        content: toCsv(
          ['smiles', 'atom', 'element', 'contribution'],
          contributions.molecules.flatMap(({ smiles, atoms }, k) =>
            atoms.map((part, atom) => [smiles, atom, shown[k]?.elements[atom] ?? '', part]),
          ),
        ),
      },
    ],
  };
}

function errorRows(
  table: MoleculeTable,
  trainings: readonly PropertyTraining[],
  linear: readonly number[],
  seconds: number,
): Row[] {
  const mean = (list: readonly number[]): number =>
    list.reduce((sum, error) => sum + error, 0) / list.length;
  const tests = trainings.map(({ rmse }) => rmse.test);
  const isEsol = table.property === esol.title && table.values.length === esol.molecules;
  const several = trainings.length > 1;
  return [
    ...(several
      ? trainings.map(({ rmse }, seed) => ({
          what: `test error of seed ${seed} (validation ${rmse.validation.toFixed(3)})`,
          result: Number(rmse.test.toPrecision(4)),
        }))
      : []),
    {
      what: several
        ? 'test error (root mean square), mean of the seeds'
        : 'test error (root mean square)',
      result: mean(tests),
      reference: { kind: 'atMost', limit: mean(linear) },
      source: 'a linear model of how often features of atoms occur',
      seconds,
    },
    ...(isEsol && trainings.length >= 5
      ? [
          {
            what: 'the same, against published networks',
            result: mean(tests),
            reference: { kind: 'atMost', limit: 0.6 } as const,
            source: 'Z. Wu et al., MoleculeNet, Chemical Science 9 (2018) 513: 0.58',
          },
        ]
      : []),
  ];
}

function readOption(smiles: string): MoleculeGraph {
  try {
    return fromSmiles(smiles);
  } catch (error) {
    if (error instanceof SmilesError) throw new UserError(`--smiles: ${error.message}`);
    throw error;
  }
}

async function readTable(
  csv: string,
  { value, descriptors = true }: Pick<Options, 'value' | 'descriptors'>,
  { folder, signal }: JobContext,
): Promise<MoleculeTable> {
  const bytes = await readFile(resolve(folder, csv), { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new UserError(`Cannot read ${csv}: ${String(error)}`);
  });
  const title = value ?? (bytes.includes(esol.title) ? esol.title : undefined);
  try {
    const {
      graphs,
      values,
      title: property,
    } = await readMolecules(bytes, {
      name: csv,
      ...(title !== undefined && { value: title }),
    });
    return {
      name: basename(csv),
      property,
      graphs,
      values,
      descriptors: graphs.map(({ smiles }) => (descriptors ? descriptorsOf(smiles) : [])),
    };
  } catch (error) {
    if (error instanceof FormatError) throw new UserError(error.message);
    throw error;
  }
}
