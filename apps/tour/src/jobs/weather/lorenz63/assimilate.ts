import type { JobContext, JobResult } from '../../../job.ts';
import { toCsv } from '../../../to-csv.ts';
import type { Span } from '../span.ts';
import { type Case, type CaseChoice, readCase } from './case.ts';
import { costRows, derivativeRows, referenceRows, resultRows } from './checks.ts';
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

/** Where the case comes from, and the step of the model. */
export type Lorenz63Options = CaseChoice & { readonly dt: number };

/** Steps that the forecasts run on after the last observation. */
const forecastSteps = 200;

const taylorSteps = [1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5];
const taylorDirection = [0.6, -0.48, 0.64];

/** Finds the initial state of Lorenz-63 that fits a background and observations. */
export async function assimilateLorenz63(
  options: Lorenz63Options,
  context: JobContext,
  [from, to]: Span,
): Promise<JobResult> {
  const enter = (stage: string, share: number) =>
    context.enter(`Lorenz-63: ${stage}`, from + share * (to - from));
  await enter('reading the observations', 0);
  const weather = lorenzWeather(options.dt);
  const input = await readCase(options, weather, context);
  const problem = stateProblem(input, weather);

  await enter('checking the derivatives', 0.1);
  const taylor = taylorRemainders(problem, input.background, taylorDirection, taylorSteps);
  const judged = isReferenceCase(options);
  const derivatives = derivativeRows(input, weather, problem, { taylor, judged });

  await enter('minimizing', 0.4);
  const start = performance.now();
  const value = await problem.minimize(context, [
    from + 0.4 * (to - from),
    from + 0.8 * (to - from),
  ]);
  const solution = { value, seconds: (performance.now() - start) / 1000 };

  await enter('forecasting', 0.8);
  const steps = input.window + forecastSteps;
  const run = (name: Run['name'], from: readonly number[]): Run => ({
    name,
    states: runModel(weather, from, steps),
  });
  const background = run('background', input.background);
  const analysis = run('analysis', value.state);
  const runs = [...(input.truth ? [run('truth', input.truth)] : []), background, analysis];

  await enter('drawing', 0.9);
  return {
    subject:
      `Lorenz-63. ${input.name}: ${input.observations.length} observations over ${input.window} steps of ` +
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
        name: 'weather-lorenz63.csv',
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

/** Whether it is the case whose results are known. */
export function isReferenceCase({
  observations,
  background,
  backgroundError,
  dt,
}: Lorenz63Options): boolean {
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
