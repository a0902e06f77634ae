import { readDelimited } from '../../delimited.ts';
import { defineJob, type Job, type JobContext, type JobResult } from '../../job.ts';
import { numberOption } from '../../parse-number.ts';
import type { Row } from '../../row.ts';
import { timedAsync } from '../../timed.ts';
import { toCsv } from '../../to-csv.ts';
import { curieWeissRows, sixSpinRows } from './checks.ts';
import { curve, onsager } from './curves.ts';
import { explanation } from './explanation.ts';
import { magnetizationFigure, susceptibilityFigure } from './figures/curve-figure.ts';
import { couplingScale, type Spins, squareLattice } from './lattice.ts';
import { readCouplings } from './read-couplings.ts';

type Options = {
  readonly couplings?: string | undefined;
  readonly size: number;
  readonly field: number;
};

const mostExact = 12;

/** Magnetization and susceptibility of an Ising model by temperature. */
export const isingJob: Job = defineJob({
  name: 'ising',
  title: 'Mean fields of a magnet',
  summary:
    'approximate the magnetization of coupled spins; differentiate it with respect to a field',
  explanation,
  options: (command) =>
    command
      .option(
        '--couplings <file>',
        'pairs of spins as TSV or CSV: from, to and coupling (default: a square lattice)',
      )
      .option(
        '--size <number>',
        'spins along an edge of the lattice',
        numberOption({
          holds: (x) => Number.isInteger(x) && x >= 3 && x <= 100,
          expected: 'a whole number from 3 to 100',
        }),
        10,
      )
      .option(
        '--field <number>',
        'field on all spins',
        numberOption({ holds: Number.isFinite, expected: 'a number' }),
        0,
      )
      .addHelpText(
        'after',
        '\nExamples:\n' +
          '  npm start -- ising --size 20 --field 0.1\n' +
          '  npm start -- ising --couplings pairs.csv\n',
      ),
  run: draw,
});

async function draw(options: Options, context: JobContext): Promise<JobResult> {
  const { field } = options;
  await context.enter('reading the couplings', 0);
  const spins = await spinsOf(options, context);
  const isLattice = options.couplings === undefined;
  const scale = couplingScale(spins);
  const temperatures = Array.from({ length: 45 }, (_, k) => scale * (0.25 + (1.25 / 44) * k));

  const run = async (method: 'mean field' | 'Bethe' | 'exact', from: number) => {
    const stage = `solving: ${method}`;
    await context.enter(stage, from);
    const onFraction = (fraction: number) => context.progress.show(stage, from + 0.3 * fraction);
    const how = { signal: context.signal, onFraction };
    return await timedAsync(() => curve(spins, method, { temperatures, field }, how));
  };
  const meanField = await run('mean field', 0.05);
  const bethe = await run('Bethe', 0.35);
  const isSmall = !isLattice && spins.count <= mostExact;
  const exact = isSmall
    ? (await run('exact', 0.65)).value
    : isLattice && field === 0
      ? onsager(finer(temperatures))
      : [];
  const points = [...meanField.value, ...bethe.value, ...exact];

  await context.enter('checking', 0.9);
  const rows: Row[] = [
    ...sixSpinRows(),
    ...curieWeissRows(),
    {
      what: 'largest residual, mean field',
      result: Math.max(...meanField.value.map(({ residual }) => residual)),
      reference: { kind: 'atMost', limit: 1e-11 },
      source: 'the tolerance',
      seconds: meanField.seconds,
    },
    {
      what: 'largest residual, Bethe',
      result: Math.max(...bethe.value.map(({ residual }) => residual)),
      reference: { kind: 'atMost', limit: 1e-11 },
      source: 'the tolerance',
      seconds: bethe.seconds,
    },
  ];
  await context.enter('drawing', 0.95);
  return {
    subject: `${spins.name}: ${spins.count} spins, ${spins.pairs.length} pairs, field ${field}.`,
    rows,
    figures: [
      magnetizationFigure(points, captionOf(isLattice, exact.length > 0)),
      susceptibilityFigure([...meanField.value, ...bethe.value]),
    ],
    listings: [],
    attachments: [
      {
        name: 'ising-curves.csv',
        content: toCsv(
          ['method', 'temperature', 'magnetization', 'susceptibility'],
          points.map(({ method, temperature, magnetization, susceptibility = '' }) => [
            method,
            temperature,
            magnetization,
            susceptibility,
          ]),
        ),
      },
    ],
  };
}

async function spinsOf({ couplings, size }: Options, context: JobContext): Promise<Spins> {
  if (couplings === undefined) return squareLattice(size);
  return readCouplings(await readDelimited(couplings, context));
}

/** Ten times as many temperatures: the exact curve falls steeply. */
function finer(temperatures: readonly number[]): number[] {
  const [first = 0, last = 0] = [temperatures[0], temperatures.at(-1)];
  const count = 10 * temperatures.length;
  return Array.from({ length: count }, (_, k) => first + ((last - first) * k) / (count - 1));
}

function captionOf(isLattice: boolean, isExact: boolean): string {
  const how =
    'The mean of all spins as the approximations have it, on the branch that starts with all spins up.';
  if (isLattice && isExact) {
    return `${how} They lose it at the temperatures 4 and 2.885; the endless lattice loses it at 2.269.`;
  }
  return isExact ? `${how} The sum over all states is exact.` : how;
}
