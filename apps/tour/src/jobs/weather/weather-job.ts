import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { defineJob, type Job, type JobContext, type JobResult } from '../../job.ts';
import { numberOption, parseNumber } from '../../parse-number.ts';
import type { Row } from '../../row.ts';
import { explanation } from './explanation.ts';
import {
  assimilateLorenz63,
  isReferenceCase,
  type Lorenz63Options,
} from './lorenz63/assimilate.ts';
import { backgroundState, timeStep } from './lorenz63/reference-case.ts';
import { twinFigure, twinRows } from './twin/outputs.ts';
import { twinErrors } from './twin/twin.ts';
import { assimilateWater } from './water/assimilate.ts';
import { extent } from './water/basin.ts';
import { fileCase, twinCase } from './water/case.ts';

type Options = Lorenz63Options & { readonly model?: 'lorenz63' | 'water' | undefined };

const positive = numberOption({ holds: (x) => x > 0, expected: 'a number above 0' });

/** Finds the initial states of three weathers that fit observations. */
export const weatherJob: Job = defineJob({
  name: 'weather',
  title: 'Weather: data assimilation by 4D-Var and ensembles',
  summary: 'find the states of water and chaotic models that fit observations (4D-Var, filters)',
  explanation,
  options: (command) =>
    command
      .option(
        '--observations <file>',
        'TSV or CSV of your own observations (default: cases whose truth is known)',
      )
      .addOption(
        new Option(
          '--model <name>',
          'one weather alone; lorenz63 where its options are given',
        ).choices(['lorenz63', 'water'] as const),
      )
      .addOption(
        new Option('--background <x,y,z>', 'lorenz63: guess of the initial state')
          .argParser(stateOption)
          .default(backgroundState, backgroundState.join(',')),
      )
      .option(
        '--background-error <number>',
        'lorenz63: standard deviation of the guess',
        positive,
        1,
      )
      .option('--dt <number>', 'lorenz63: time step of the model', positive, timeStep)
      .addHelpText(
        'after',
        '\nA file for lorenz63 has the columns time,index,value,error. A line such as 0.1,2,20.4,1.5 says: at time 0.1\n' +
          'the component z (index 2) was 20.4, with a standard deviation of 1.5. Times are multiples of --dt.\n' +
          '\nA file for water has the columns time,field,x,y,value,error. A line such as 2.5,h,800,1250,1012,3 says: after\n' +
          '2.5 hours the depth was 1012 m, within 3 m, at 800 km east and 1250 km north. Fields are h, and u and v for the\n' +
          `speeds to the east and the north in m/s; the basin has ${extent} km, and is 1000 m deep at rest.\n` +
          '\nExamples:\n' +
          '  npm start -- weather --observations measured.csv --background 1,-1,25\n' +
          '  npm start -- weather --model water --observations stations.csv\n',
      ),
  run: weather,
});

function stateOption(text: string): readonly number[] {
  const state = text.split(',').map((part) => parseNumber(part.trim()) ?? Number.NaN);
  if (state.length !== 3 || state.some(Number.isNaN)) {
    throw new InvalidArgumentError('Expected three numbers separated by commas, such as 1,-1,25.');
  }
  return state;
}

async function weather(options: Options, context: JobContext): Promise<JobResult> {
  // Options of Lorenz-63 are about it alone.
  const { observations, model = isReferenceCase(options) ? undefined : 'lorenz63' } = options;
  if (model === 'lorenz63') return assimilateLorenz63(options, context, [0, 1]);
  if (model === 'water') {
    await context.enter('reading the observations', 0);
    const input = observations === undefined ? twinCase() : await fileCase(observations, context);
    return assimilateWater(input, context, [0.05, 1]);
  }
  const water = await assimilateWater(twinCase(), context, [0, 0.4]);
  const lorenz = await assimilateLorenz63(options, context, [0.4, 0.6]);
  const methods = await twinErrors(context, [0.6, 1]);
  return {
    subject: `${water.subject} ${lorenz.subject} Lorenz-96: 40 variables, observed 1400 times.`,
    rows: [
      ...rowsOf('shallow water', water.rows),
      ...rowsOf('Lorenz-63', lorenz.rows),
      ...rowsOf('Lorenz-96', twinRows(methods)),
    ],
    figures: [...water.figures, ...lorenz.figures, twinFigure(methods)],
    listings: [],
    attachments: [...water.attachments, ...lorenz.attachments],
  };
}

function rowsOf(model: string, rows: readonly Row[]): Row[] {
  return rows.map((row) => ({ ...row, what: `${model}, ${row.what}` }));
}
