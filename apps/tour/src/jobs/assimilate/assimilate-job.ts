import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { defineJob, type Job, type JobContext, type JobResult } from '../../job.ts';
import { numberOption, parseNumber } from '../../parse-number.ts';
import { toCsv } from '../../to-csv.ts';
import { type Case, type CaseChoice, readCase } from './case.ts';
import { costRows, derivativeRows, referenceRows, resultRows } from './checks.ts';
import { explanation } from './explanation.ts';
import { attractorFigure } from './figures/attractor-figure.ts';
import { convergenceFigure } from './figures/convergence-figure.ts';
import { type Departure, departuresFigure } from './figures/departures-figure.ts';
import type { Run } from './figures/run.ts';
import { statesFigure } from './figures/states-figure.ts';
import { taylorFigure } from './figures/taylor-figure.ts';
import { lorenzWeather, runModel } from './model.ts';
import { stateProblem } from './problem.ts';
import { backgroundState, timeStep } from './reference-case.ts';
import { taylorRemainders } from './taylor.ts';

type Options = CaseChoice & { readonly dt: number };

const positive = numberOption({ holds: (x) => x > 0, expected: 'a number above 0' });

/** Finds the initial state of Lorenz-63 that fits a background and observations. */
export const assimilateJob: Job = defineJob({
  name: 'assimilate',
  title: 'Weather in three numbers: 4D-Var on Lorenz-63',
  summary: 'find the initial state of a chaotic model that fits observations (4D-Var)',
  explanation,
  options: (command) =>
    command
      .option(
        '--observations <file>',
        'TSV or CSV with the columns time, index (0, 1, 2), value, error (default: the reference case)',
      )
      .addOption(
        new Option('--background <x,y,z>', 'guess of the initial state')
          .argParser(stateOption)
          .default(backgroundState, backgroundState.join(',')),
      )
      .option('--background-error <number>', 'standard deviation of the guess', positive, 1)
      .option('--dt <number>', 'time step of the model', positive, timeStep)
      .addHelpText(
        'after',
        '\nThe file has a line for each measured number, such as 0.1,2,20.4,1.5: at time 0.1 the component z\n' +
          '(index 2) was 20.4, with a standard deviation of 1.5. Times are multiples of --dt.\n' +
          '\nExample:\n' +
          '  npm start -- assimilate --observations measured.csv --background 1,-1,25\n',
      ),
  run: assimilate,
});

function stateOption(text: string): readonly number[] {
  const state = text.split(',').map((part) => parseNumber(part.trim()) ?? Number.NaN);
  if (state.length !== 3 || state.some(Number.isNaN)) {
    throw new InvalidArgumentError('Expected three numbers separated by commas, such as 1,-1,25.');
  }
  return state;
}

/** Steps that the forecasts run on after the last observation. */
const forecastSteps = 200;

const taylorSteps = [1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5];
const taylorDirection = [0.6, -0.48, 0.64];

async function assimilate(options: Options, context: JobContext): Promise<JobResult> {
  await context.enter('reading the observations', 0);
  const weather = lorenzWeather(options.dt);
  const input = await readCase(options, weather, context);
  const problem = stateProblem(input, weather);

  await context.enter('checking the derivatives', 0.1);
  const taylor = taylorRemainders(problem, input.background, taylorDirection, taylorSteps);
  const judged = isReferenceCase(options);
  const derivatives = derivativeRows(input, weather, problem, { taylor, judged });

  await context.enter('minimizing', 0.4);
  const start = performance.now();
  const value = await problem.minimize(context, [0.4, 0.8]);
  const solution = { value, seconds: (performance.now() - start) / 1000 };

  await context.enter('forecasting', 0.8);
  const steps = input.window + forecastSteps;
  const run = (name: Run['name'], from: readonly number[]): Run => ({
    name,
    states: runModel(weather, from, steps),
  });
  const background = run('background', input.background);
  const analysis = run('analysis', value.state);
  const runs = [...(input.truth ? [run('truth', input.truth)] : []), background, analysis];

  await context.enter('drawing', 0.9);
  return {
    subject:
      `${input.name}: ${input.observations.length} observations over ${input.window} steps of ` +
      `${options.dt}.`,
    rows: [
      ...(judged ? referenceRows(input, weather, problem, value) : costRows(input, problem, value)),
      ...derivatives,
      ...resultRows(input, solution),
    ],
    figures: [
      statesFigure(runs, input.observations, { dt: options.dt, window: input.window }),
      attractorFigure(runs),
      departuresFigure([
        ...departures('background', background, input, options.dt),
        ...departures('analysis', analysis, input, options.dt),
      ]),
      convergenceFigure(value.iterations),
      taylorFigure(taylor),
    ],
    listings: [],
    attachments: [
      {
        name: 'assimilate-states.csv',
        content: toCsv(
          ['run', 'time', 'x', 'y', 'z'],
          runs.flatMap(({ name, states }) =>
            states.map((state, step) => [name, timeOf(step, options.dt), ...state]),
          ),
        ),
      },
    ],
  };
}

function isReferenceCase({ observations, background, backgroundError, dt }: Options): boolean {
  return (
    observations === undefined &&
    background.every((value, index) => value === backgroundState[index]) &&
    backgroundError === 1 &&
    dt === timeStep
  );
}

function departures(
  name: Departure['name'],
  { states }: Run,
  { observations }: Case,
  dt: number,
): Departure[] {
  return observations.map(({ step, index, value, error }) => ({
    name,
    time: step * dt,
    departure: (value - (states[step]?.[index] ?? Number.NaN)) / error,
  }));
}

/** The time of a step without the rounding of the product. */
function timeOf(step: number, dt: number): number {
  return Number((step * dt).toPrecision(12));
}
