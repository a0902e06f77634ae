import { jit, random, type Tensor, type TensorLike, tensor, vmap } from '@grad/core';
import {
  type Covariance,
  color,
  covarianceOperator,
  covarianceRoot,
  type StateCovariance,
} from './covariance.ts';
import type { Observation } from './observations.ts';
import type { Model } from './rk4.ts';
import { trajectory } from './trajectory.ts';

/** What a twin experiment is made of. */
export interface TwinExperimentOptions {
  readonly model: Model;
  /** Observation operator; the state when left out. */
  readonly observe?: (state: Tensor) => Tensor;
  /** The true initial state, a vector. */
  readonly truth: TensorLike;
  /** Covariance of the errors to put on the background. */
  readonly B: StateCovariance;
  /** Covariance of the errors to put on the observations. */
  readonly R: Covariance;
  /** The steps at which observations are made, in their order. */
  readonly steps: readonly number[];
  /** Seed of the errors; 0 when left out. */
  readonly seed?: number;
}

/** A truth with a background and observations made from it. */
export interface TwinExperiment {
  /** The true states to the last observation: shape [steps + 1, n]. */
  readonly trajectory: Tensor;
  readonly background: Tensor;
  readonly observations: readonly Observation[];
}

/**
 * Runs the model from a known state and makes a background and observations of it with normal
 * errors of the given covariances: a problem for `fourDVar` whose answer is known.
 *
 * @throws RangeError when a covariance is wrong, or a step is no whole number of 0 or more.
 */
export function twinExperiment({
  model,
  observe = (state) => state,
  truth,
  B,
  R,
  steps,
  seed = 0,
}: TwinExperimentOptions): TwinExperiment {
  const wrong = steps.find((step) => !Number.isInteger(step) || step < 0);
  if (wrong !== undefined) {
    throw new RangeError(`twinExperiment: steps are whole numbers of 0 or more, not ${wrong}.`);
  }
  const [backgroundKey, observationKey] = random.split(random.key(seed));
  const start = tensor(truth, { dtype: 'float64' });
  const states = trajectory(model, start, Math.max(0, ...steps));
  const { color: backgroundErrors } = covarianceOperator('twinExperiment: B', B, start.size);
  const seen = jit(vmap(observe))(states);
  const [, size = 0] = seen.shape;
  const errors = covarianceRoot('twinExperiment: R', R, size);
  const noise = random.normal(observationKey, [steps.length, size]);
  return {
    trajectory: states,
    background: start.add(backgroundErrors(random.normal(backgroundKey, start.shape))),
    observations: steps.map((step, i) => ({
      step,
      value: seen.at(step).add(color(errors, noise.at(i))),
    })),
  };
}
