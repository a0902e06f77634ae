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
  grad,
  isConcrete,
  jit,
  ShapeError,
  scan,
  type Tensor,
  type TensorLike,
  tensor,
} from '@grad/core';
import { type Covariance, covarianceOperator, type StateCovariance } from './covariance.ts';
import { type Analysis, type MinimizeOptions, minimizeCost } from './minimize.ts';
import { type Observation, tabulate } from './observations.ts';
import type { Model } from './rk4.ts';

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
  const { model, observe = (state: Tensor) => state, observations } = options;
  const background = vector('background', tensor(options.background, { dtype: 'float64' }));
  checkFinite(background);
  const { color, whiten } = covarianceOperator('fourDVar: B', options.B, background.size);
  const size = vector('observe(background)', observe(background)).size;
  const { rows, lastRow, departure } = tabulate('fourDVar', observations, size, options.R);
  const misfit = (state: Tensor, row: TensorLike): Tensor =>
    halfSquare(departure(observe(state), row));

  const observationCost = (state: Tensor): Tensor => {
    const [[final, sum]] = scan(
      ([now, total], row) => {
        const next = model(now);
        checkShape('the model makes of a state', next, background);
        return [[next, total.add(misfit(now, row))], null];
      },
      [state, 0],
      rows,
    );
    return sum.add(misfit(final, lastRow));
  };
  const costOfState = (state: Tensor): Tensor =>
    halfSquare(whiten(state.sub(background))).add(observationCost(state));

  const [cost, gradient] = [jit(costOfState), jit(grad(costOfState))];
  const atState = (f: (state: Tensor) => Tensor) => (state: TensorLike) => {
    const given = tensor(state, { dtype: 'float64' });
    checkShape('the given state', given, background);
    return f(given);
  };
  return {
    cost: atState(cost),
    gradient: atState(gradient),
    minimize: (how = {}) =>
      minimizeCost(
        {
          model,
          background,
          steps: rows.length,
          cost: costOfState,
          toState: (v) => background.add(color(v)),
          costOfControl: (v) => halfSquare(v).add(observationCost(background.add(color(v)))),
        },
        how,
      ),
  };
}

function vector(name: string, x: Tensor): Tensor {
  if (x.ndim === 1) return x;
  throw new ShapeError(
    `fourDVar: ${name} has shape [${x.shape.join(', ')}]; a vector is needed. Put the fields of a state into one vector, for instance with tree.ravel.`,
  );
}

function checkShape(what: string, x: Tensor, background: Tensor): void {
  if (x.ndim === 1 && x.size === background.size) return;
  throw new ShapeError(
    `fourDVar: ${what} has shape [${x.shape.join(', ')}]; the background has ${background.size} components.`,
  );
}

function checkFinite(background: Tensor): void {
  if (!isConcrete(background)) return;
  background.read((values) => {
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong < 0) return;
    throw new RangeError(
      `fourDVar: component ${wrong} of the background is ${values[wrong]}; all must be finite.`,
    );
  });
}

function halfSquare(v: Tensor): Tensor {
  return v.square().sum().mul(0.5);
}
