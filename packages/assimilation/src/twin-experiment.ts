import { jit, random, type Tensor, type TensorLike, tensor } from '@grad/core';
import { stateVector } from './check-state.ts';
import {
  type Covariance,
  color,
  covarianceOperator,
  covarianceRoot,
  type StateCovariance,
} from './covariance.ts';
import type { Observation } from './observations.ts';
import type { Model } from './rk4.ts';
import { advance } from './trajectory.ts';

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
  /** The steps at which observations are made, ascending. */
  readonly steps: readonly number[];
  /** Seed of the errors; 0 when left out. */
  readonly seed?: number;
}

/** A truth with a background and observations made from it. */
export interface TwinExperiment {
  /** The true states to the last observation, computed when asked for: shape [steps + 1, n]. */
  readonly trajectory: Tensor;
  readonly background: Tensor;
  readonly observations: readonly Observation[];
}

/**
 * Runs the model from a known state and makes a background and observations of it with normal
 * errors of the given covariances: a problem for `fourDVar` whose answer is known.
 *
 * @throws RangeError when a covariance is wrong, a step is no whole number of 0 or more, or
 * steps do not ascend.
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
  checkSteps(steps);
  const [backgroundKey, observationKey] = random.split(random.key(seed));
  const start = stateVector('twinExperiment', 'truth', truth);
  const { color: backgroundErrors } = covarianceOperator('twinExperiment: B', B, start.size);
  const forecast = jit((state: Tensor, gap: Tensor) => advance(model, state, gap));
  const seenAt = jit((state: Tensor) => observe(state));
  const { size } = seenAt(start);
  const errors = covarianceRoot('twinExperiment: R', R, size);
  const noise = random.normal(observationKey, [steps.length, size]);
  let [state, now] = [start, 0];
  const observations = steps.map((step, i) => {
    if (step > now) state = forecast(state, tensor(step - now, { dtype: 'int32' }));
    now = step;
    return { step, value: seenAt(state).add(color(errors, noise.at(i))) };
  });
  // By the same compiled function, for in chaos one bit would make another truth of it.
  const allStates = (): Tensor => {
    const values = new Float64Array((now + 1) * start.size);
    let at = start;
    for (let step = 0; step <= now; step++) {
      if (step > 0) at = forecast(at, tensor(1, { dtype: 'int32' }));
      values.set(at.dataSync(), step * start.size);
    }
    return tensor(values).reshape([now + 1, start.size]);
  };
  let states: Tensor | undefined;
  return {
    get trajectory() {
      states ??= allStates();
      return states;
    },
    background: start.add(backgroundErrors(random.normal(backgroundKey, start.shape))),
    observations,
  };
}

function checkSteps(steps: readonly number[]): void {
  steps.forEach((step, i) => {
    if (!Number.isInteger(step) || step < 0) {
      throw new RangeError(`twinExperiment: steps are whole numbers of 0 or more, not ${step}.`);
    }
    const before = steps[i - 1] ?? -1;
    if (step > before) return;
    throw new RangeError(
      `twinExperiment: step ${step} comes after step ${before}; sort them, each once.`,
    );
  });
}
