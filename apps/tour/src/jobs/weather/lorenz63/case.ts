import { readDelimited } from '../../../delimited.ts';
import type { JobContext } from '../../../job.ts';
import { runModel, type Weather } from './model.ts';
import { type Observation, readObservations } from './read-observations.ts';
import { lastStep, referenceObservations, trueState } from './reference-case.ts';

/** What is assimilated. */
export interface Case {
  readonly name: string;
  readonly background: readonly number[];
  /** Standard deviation of each component of the background. */
  readonly backgroundError: number;
  readonly observations: readonly Observation[];
  /** Step of the last observation. */
  readonly window: number;
  /** The initial state that the observations were made from, where it is known. */
  readonly truth?: readonly number[];
}

/** Where the case comes from: a file of observations, or the reference case. */
export type CaseChoice = {
  readonly observations?: string | undefined;
  readonly background: readonly number[];
  readonly backgroundError: number;
};

const mostSteps = 100_000;

/** @throws UserError when the file is wrong. */
export async function readCase(
  { observations: path, background, backgroundError }: CaseChoice,
  weather: Weather,
  context: JobContext,
): Promise<Case> {
  const guess = { background, backgroundError };
  if (path === undefined) {
    const observations = referenceObservations(runModel(weather, trueState, lastStep));
    return {
      name: 'The reference case',
      ...guess,
      observations,
      window: lastStep,
      truth: trueState,
    };
  }
  const file = await readDelimited(path, context);
  const rules = { dt: weather.dt, components: background.length, maxSteps: mostSteps };
  const observations = readObservations(file, rules);
  const window = observations.reduce((last, { step }) => Math.max(last, step), 0);
  return { name: file.name, ...guess, observations, window };
}
