import { InvalidArgumentError } from '@commander-js/extra-typings';
import { defineJob, type Job, type JobContext, type JobResult } from '../../job.ts';
import { parseNumber } from '../../parse-number.ts';
import { timedAsync } from '../../timed.ts';
import { toCsv } from '../../to-csv.ts';
import { derivativeRows, lawRows, resultRows } from './checks.ts';
import { explanation } from './explanation.ts';
import {
  costateFigure,
  phaseFigure,
  principleFigure,
  trajectoryFigure,
} from './figures/landing-figures.ts';
import { engine, type Landing, land, type Start } from './model.ts';

type Options = { readonly start: Start };

const usual: Start = [1, -0.783, 1];
const intervals = 40;

/** Arcs of the thrust in words. */
const words: Readonly<Record<string, string>> = {
  lower: 'no thrust',
  upper: 'full thrust',
  free: 'thrust in between',
};

/** Lands on the Moon with the most fuel left, by two methods. */
export const moonJob: Job = defineJob({
  name: 'moon',
  title: 'A landing on the Moon',
  summary: 'steer a falling craft to rest on the ground with the least fuel, by two methods',
  explanation,
  options: (command) =>
    command
      .option('--start <h,v,m>', 'height, speed (upwards) and mass at the start', readStart, usual)
      .addHelpText(
        'after',
        '\nOne unit of speed is what a fall of one unit of time gives. A start from which nothing lands softly\n' +
          'ends with what is missed, and by how much.\n' +
          '\nExamples:\n  npm start -- moon --start 3,-0.5,1\n  npm start -- moon --start 1,-1.5,1\n',
      ),
  run: landOnMoon,
});

async function landOnMoon({ start }: Options, context: JobContext): Promise<JobResult> {
  const { signal, progress } = context;
  const find = async (method: 'indirect' | 'collocation', from: number): Promise<Landing> => {
    const stage = `landing by ${method}`;
    await context.enter(stage, from);
    const { value, seconds } = await timedAsync(() =>
      land(start, {
        method,
        intervals,
        signal,
        onIteration: (iteration) => progress.show(stage, from + Math.min(0.25, iteration / 100)),
      }),
    );
    return { ...value, seconds };
  };
  const collocation = await find('collocation', 0);
  const indirect = await find('indirect', 0.3);
  const isKnown = start.every((value, i) => value === usual[i]);

  await context.enter('landing from beside', 0.6);
  const derivatives = await derivativeRows(indirect, start, async (beside) => {
    const { mass } = await land(beside, {
      method: 'indirect',
      intervals: 10,
      signal,
      arcs: indirect.arcs,
    });
    return mass;
  });
  const rows = [
    ...resultRows(indirect, isKnown),
    ...resultRows(collocation, isKnown),
    ...lawRows(indirect),
    ...lawRows(collocation),
    ...derivatives,
  ];

  await context.enter('drawing', 0.95);
  const pair = [indirect, collocation] as const;
  return {
    subject: `From height ${start[0]}, speed ${start[1]} and mass ${start[2]}, ${intervals} intervals in each arc: ${indirect.arcs.map((arc) => words[String(arc)] ?? arc).join(', then ')}. Both methods converged.`,
    rows,
    figures: [
      trajectoryFigure(pair),
      phaseFigure(pair),
      costateFigure(pair),
      principleFigure(pair),
    ],
    listings: [],
    attachments: pair.map((landing) => ({
      name: `moon-${landing.name}.csv`,
      content: csvOf(landing),
    })),
  };
}

function csvOf({ points }: Landing): string {
  const titles = ['time', 'height', 'speed', 'mass', 'thrust'];
  const more = ['costate of height', 'costate of speed', 'costate of mass', 'switching', 'H'];
  return toCsv(
    [...titles, ...more],
    points.map(({ time, state, thrust, costate, switching, hamiltonian }) => [
      time,
      ...state,
      thrust,
      ...costate,
      switching,
      hamiltonian,
    ]),
  );
}

function readStart(text: string): Start {
  const numbers = text.split(',').map((part) => parseNumber(part.trim()));
  const [height, speed, mass] = numbers;
  if (numbers.length !== 3 || height === undefined || speed === undefined || mass === undefined) {
    throw new InvalidArgumentError(
      'Expected three numbers with commas between them, as in 1,-0.783,1.',
    );
  }
  if (!(height > 0))
    throw new InvalidArgumentError(`The height ${height} is not above the ground.`);
  if (!(mass > engine.hull)) {
    throw new InvalidArgumentError(
      `The mass ${mass} is not above that of the hull, ${engine.hull}.`,
    );
  }
  return [height, speed, mass];
}
