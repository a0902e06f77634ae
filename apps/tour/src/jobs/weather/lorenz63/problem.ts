import { fourDVar, type Observation as ObservedVector } from '@grad/assimilation';
import { tensor } from '@grad/core';
import type { JobContext } from '../../../job.ts';
import { UserError } from '../../../user-error.ts';
import type { Case } from './case.ts';
import type { Iteration } from './figures/convergence-figure.ts';
import type { Weather } from './model.ts';
import type { Observation } from './read-observations.ts';
import { norm, type Objective } from './taylor.ts';

/** The state of least cost. */
export interface Solution {
  readonly state: readonly number[];
  readonly cost: number;
  readonly iterations: readonly Iteration[];
}

/** A case as a problem of minimization. */
export interface Problem extends Objective {
  /** @throws UserError when no minimum is found. */
  minimize(
    context: JobContext,
    progressSpan: readonly [from: number, to: number],
  ): Promise<Solution>;
}

/**
 * States a case to `fourDVar`.
 *
 * @throws UserError when the model does not come to the last observation from the background.
 */
export function stateProblem(
  { background, backgroundError, observations }: Case,
  { model }: Weather,
): Problem {
  const problem = fourDVar({
    model,
    background: tensor([...background]),
    B: backgroundError ** 2,
    observations: bySteps(observations),
  });
  const cost = (state: readonly number[]) => problem.cost(tensor([...state])).item();
  const gradient = (state: readonly number[]) =>
    Array.from(problem.gradient(tensor([...state])).dataSync());
  const slope = backgroundError * norm(gradient(background));
  if (!Number.isFinite(cost(background)) || !Number.isFinite(slope)) {
    throw new UserError(
      `From the background ${background.join(', ')} the model leaves the numbers that can be computed with ` +
        'before the last observation. Give a --background near the observations, or a smaller --dt.',
    );
  }
  const gradientTolerance = Math.max(1e-8, 1e-10 * slope);
  return {
    cost,
    gradient,
    async minimize({ signal, progress }, [from, to]) {
      const iterations: Iteration[] = [];
      const end = await problem.minimize({
        method: 'lbfgs',
        gradientTolerance,
        signal,
        onIteration: ({ cost, gradientNorm }) => {
          iterations.push({ cost, gradientNorm });
          const first = iterations[0]?.gradientNorm ?? gradientNorm;
          const done = Math.log(first / gradientNorm) / Math.log(first / gradientTolerance);
          progress.show(
            'Lorenz-63: minimizing',
            from + (to - from) * Math.min(1, Math.max(0, done)),
          );
        },
      });
      signal.throwIfAborted();
      if (end.status !== 'converged') {
        throw new UserError(
          `The minimization ended without a minimum. ${end.message} ` +
            'A shorter time of observations, or a --background nearer to them, makes it easier.',
        );
      }
      return { state: Array.from(end.analysis.dataSync()), cost: end.cost, iterations };
    },
  };
}

/** Observations of single numbers as one vector for each step, in the order of steps. */
export function bySteps(observations: readonly Observation[]): ObservedVector[] {
  const groups = Map.groupBy(observations, ({ step }) => step);
  return [...groups]
    .sort(([a], [b]) => a - b)
    .map(([step, group]) => ({
      step,
      value: group.map(({ value }) => value),
      components: group.map(({ index }) => index),
      R: group.map(({ error }) => error ** 2),
    }));
}
