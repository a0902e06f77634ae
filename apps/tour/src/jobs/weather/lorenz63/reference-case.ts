import { published } from '../../../published.ts';
import type { Observation } from './read-observations.ts';

/** Step of the Runge-Kutta method. */
export const timeStep = 0.01;

/** The initial state that the observations of the reference case were made from. */
export const trueState: readonly number[] = [1.509, -1.531, 25.46];

/** The forecast's guess of it. */
export const backgroundState: readonly number[] = [2.509, -2.531, 25.96];

const observationTimes = 10;
const stepsBetween = 10;
const errorVariance = 2;

/** Step of the last observation. */
export const lastStep: number = observationTimes * stepsBetween;

/**
 * Observations of all components at steps 10, 20, ..., 100 of the true run, with errors of variance
 * 2 that stand for noise but are the same everywhere: √2 sin(12.9898 (3m + i + 1)) for component i
 * of observation m = 1, 2, ....
 *
 * @param truth The true run, `truth[step][component]`.
 */
export function referenceObservations(truth: readonly (readonly number[])[]): Observation[] {
  const error = Math.sqrt(errorVariance);
  return Array.from({ length: observationTimes }, (_, place) => place + 1).flatMap((m) =>
    (truth[m * stepsBetween] ?? []).map((value, index) => ({
      step: m * stepsBetween,
      index,
      value: value + error * Math.sin(12.9898 * (3 * m + index + 1)),
      error,
    })),
  );
}

/** Numbers of the reference case, computed independently of this project. */
export const references = {
  source: 'computed from the same set-up, independently of @grad',
  stateAfterTenSteps: ['-.26446683949', '-1.228215545076', '19.448737841005'].map(published),
  costOfBackground: published('73.932939578145'),
  gradientAtBackground: ['-74.032867537327', '-188.105852150267', '-3.101943245485'].map(published),
  leastCost: published('6.882955684150'),
} as const;
