/**
 * Four-dimensional variational assimilation with a perfect model (strong constraint): the initial
 * state x that minimizes
 *
 *   J(x) = 1/2 (x - xb)' B^-1 (x - xb) + 1/2 sum_k d_k' R_k^-1 d_k,   d_k = y_k - H(M_k(x)),
 *
 * where M_k runs the model from step 0 to the step of observation k. The cost is one compiled loop
 * over the steps, and its gradient that loop transposed: the adjoint model.
 */

import {
  concatenate,
  grad,
  jit,
  type LoopCheckpoint,
  scan,
  type Tensor,
  type TensorLike,
  take,
  tensor,
  zeros,
} from '@grad/core';
import type { Analysis, MinimizeOptions } from './analysis.ts';
import { checkShape, stateVector, vector } from './check-state.ts';
import { type Covariance, covarianceOperator, type StateCovariance } from './covariance.ts';
import { type ControlProblem, minimizeCost } from './minimize-cost.ts';
import { type Observation, tabulate } from './observations.ts';
import type { Model } from './rk4.ts';
import { trajectory } from './trajectory.ts';

/** What is assimilated, and how much each part is trusted. */
export interface FourDVarOptions {
  /** One time step of the model. */
  readonly model: Model;
  /** Observation operator: the vector of what could be observed of a state; the state when left out. */
  readonly observe?: (state: Tensor) => Tensor;
  /** The first guess of the initial state, a vector. */
  readonly background: TensorLike;
  /** Covariance of the errors of the background. */
  readonly B: StateCovariance;
  /** Covariance of the errors of what `observe` gives; needed unless each observation has its own. */
  readonly R?: Covariance;
  /** In the order of their steps. */
  readonly observations: readonly Observation[];
  /**
   * What the adjoint model keeps of the steps: all that it needs (`store`, the default), or some states from
   * which it runs the model again; see `scan` of @grad/core. `online` takes about sqrt(2 n) states for n steps.
   */
  readonly checkpoint?: LoopCheckpoint;
}

/** A problem of data assimilation, ready to be minimized. */
export interface FourDVar {
  /** J at an initial state, a scalar. Can be differentiated, batched and compiled. */
  cost(state: TensorLike): Tensor;
  /** The gradient of J at an initial state, by the adjoint model. */
  gradient(state: TensorLike): Tensor;
  /** Looks for the initial state of least cost, from the background. */
  minimize(options?: MinimizeOptions): Promise<Analysis>;
}

/**
 * States a problem of strong-constraint 4D-Var. Covariances and observations are data: they are
 * checked, factorised and laid out once; the background may belong to an outer transform.
 *
 * @throws RangeError naming the observation or covariance that is wrong.
 * @throws ShapeError when the background or what `observe` gives is no vector, or the model changes
 * the shape of the state.
 * @see F.-X. Le Dimet and O. Talagrand, "Variational algorithms for analysis and assimilation of
 * meteorological observations", Tellus 38A (1986) 97.
 */
export function fourDVar(options: FourDVarOptions): FourDVar {
  return variational('fourDVar', options);
}

/** 4D-Var under the name of its caller. */
export function variational(caller: string, options: FourDVarOptions): FourDVar {
  const { model, observe = (state: Tensor) => state, observations, checkpoint = 'store' } = options;
  const background = stateVector(caller, 'background', options.background);
  const { color, whiten } = covarianceOperator(`${caller}: B`, options.B, background.size);
  const size = vector(`${caller}: observe(background)`, observe(background)).size;
  const { rows, lastRow, departure } = tabulate(caller, observations, size, options.R);
  const observedSteps = observations.slice(0, -1).map(({ step }) => step);

  const next = (state: Tensor): Tensor =>
    checkShape(`${caller}: the model makes of a state what`, model(state), background);
  const departureOf = (state: Tensor, row: TensorLike): Tensor => departure(observe(state), row);

  const observationCost = (state: Tensor): Tensor => {
    const [[final, sum]] = scan(
      ([now, total], row) => [[next(now), total.add(halfSquare(departureOf(now, row)))], null],
      [state, 0],
      rows,
      { checkpoint },
    );
    return sum.add(halfSquare(departureOf(final, lastRow)));
  };
  const departures = (state: Tensor): Tensor => {
    const [final, all] = scan((now, row) => [next(now), departureOf(now, row)], state, rows, {
      checkpoint,
    });
    const before = take(all, Int32Array.from(observedSteps)).reshape([observedSteps.length * size]);
    return concatenate([before, departureOf(final, lastRow)]);
  };
  const costOfState = (state: Tensor): Tensor =>
    halfSquare(whiten(state.sub(background))).add(observationCost(state));

  const problem = (transform: 'none' | 'cvt'): ControlProblem => {
    const cvt = transform === 'cvt';
    const toState = cvt ? (v: Tensor) => background.add(color(v)) : (x: Tensor) => x;
    const ofBackground = cvt ? (v: Tensor) => v : (x: Tensor) => whiten(x.sub(background));
    return {
      start: cvt ? zeros(background.shape) : background,
      cost: (c) => halfSquare(ofBackground(c)).add(observationCost(toState(c))),
      residuals: (c) => concatenate([ofBackground(c), departures(toState(c))]),
      toState,
      trajectory: (c) => trajectory(model, toState(c), rows.length),
    };
  };

  const [cost, gradient] = [jit(costOfState), jit(grad(costOfState))];
  const atState = (f: (state: Tensor) => Tensor) => (state: TensorLike) =>
    f(checkShape(`${caller}: the given state`, tensor(state, { dtype: 'float64' }), background));
  return {
    cost: atState(cost),
    gradient: atState(gradient),
    minimize: async (how = {}) => (await minimizeCost(caller, problem, how)).end,
  };
}

export function halfSquare(v: Tensor): Tensor {
  return v.square().sum().mul(0.5);
}
