/**
 * 4D-Var with an imperfect model (weak constraint): the initial state x and model errors e_k that minimize
 *
 *   J = 1/2 (x - xb)' B^-1 (x - xb) + 1/2 sum_k e_k' Q^-1 e_k + 1/2 sum_k d_k' R_k^-1 d_k,
 *   x_0 = x,   x_{k+1} = M(x_k) + e_{k+1},   d_k = y_k - H(x_k).
 *
 * With a linear model the states are those of the Kalman smoother. In the control variable, v and w_k with
 * x = xb + B^(1/2) v and e_k = Q^(1/2) w_k, the first two terms are half the squares of v and w.
 */

import {
  concatenate,
  expandDims,
  jit,
  type LoopCheckpoint,
  scan,
  type Tensor,
  type TensorLike,
  take,
  tensor,
  vmap,
  zeros,
} from '@grad/core';
import type { Analysis, MinimizeOptions } from './analysis.ts';
import { checkShape, stateVector, vector } from './check-state.ts';
import { covarianceOperator, type StateCovariance } from './covariance.ts';
import { type FourDVarOptions, halfSquare } from './four-d-var.ts';
import { type ControlProblem, minimizeCost } from './minimize-cost.ts';
import { tabulate } from './observations.ts';

/** What is assimilated, and how much each part is trusted. */
export interface WeakFourDVarOptions extends FourDVarOptions {
  /** Covariance of the errors that the model makes from one correction to the next. */
  readonly Q: StateCovariance;
  /** Steps from one correction of the state to the next; 1 when left out. */
  readonly every?: number;
  readonly checkpoint?: LoopCheckpoint;
}

/** An analysis with the errors of the model. */
export interface WeakAnalysis extends Analysis {
  /** What is added to the state after steps every, 2 every, ...: shape [errors, n]. */
  readonly modelErrors: Tensor;
}

/** A problem of weak-constraint 4D-Var. */
export interface WeakFourDVar {
  /** Number of corrections in the window. */
  readonly corrections: number;
  /** J at an initial state and model errors [corrections, n]. Can be differentiated, batched and compiled. */
  cost(state: TensorLike, modelErrors: TensorLike): Tensor;
  /** Looks for the state and errors of least cost, from the background and no errors. */
  minimize(options?: MinimizeOptions): Promise<WeakAnalysis>;
}

/**
 * States a problem of weak-constraint 4D-Var. The options and results are those of `fourDVar`, with the covariance Q of
 * model errors besides.
 *
 * @throws RangeError naming the observation, covariance or number that is wrong, or when the window is
 * shorter than `every`.
 * @throws ShapeError as `fourDVar` does.
 * @see Y. Trémolet, "Accounting for an imperfect model in 4D-Var", Q. J. R. Meteorol. Soc. 132 (2006) 2483.
 */
export function weakFourDVar(options: WeakFourDVarOptions): WeakFourDVar {
  const caller = 'weakFourDVar';
  const { model, observe = (state: Tensor) => state, observations } = options;
  const { every = 1, checkpoint = 'store' } = options;
  const background = stateVector(caller, 'background', options.background);
  const n = background.size;
  const B = covarianceOperator(`${caller}: B`, options.B, n);
  const Q = covarianceOperator(`${caller}: Q`, options.Q, n);
  const { size } = vector(`${caller}: observe(background)`, observe(background));
  const { rows, lastRow, departure } = tabulate(caller, observations, size, options.R);
  const corrections = correctionsIn(caller, rows.length, every);
  const observedSteps = Int32Array.from(observations.slice(0, -1), ({ step }) => step);
  // The error after each step; the last row of the table is none.
  const errorRows = rows.map((_, step) =>
    (step + 1) % every === 0 ? (step + 1) / every - 1 : corrections,
  );

  /** Something of each state before the last, and the last. */
  const run = (state: Tensor, errors: Tensor, each: (state: Tensor, row: Tensor) => Tensor) => {
    const table = concatenate([errors, zeros([1, n])]);
    return scan(
      (now, { row, error }) => {
        const next = checkShape(
          `${caller}: the model makes of a state what`,
          model(now),
          background,
        );
        return [next.add(take(table, error)), each(now, row)];
      },
      state,
      { row: tensor(rows), error: tensor(errorRows) },
      { checkpoint },
    );
  };
  const departures = (state: Tensor, errors: Tensor): Tensor => {
    const [final, all] = run(state, errors, (now, row) => departure(observe(now), row));
    const before = take(all, observedSteps).reshape([observedSteps.length * size]);
    return concatenate([before, departure(observe(final), lastRow)]);
  };
  const trajectory = jit((state: Tensor, errors: Tensor): Tensor => {
    const [final, all] = run(state, errors, (now) => now);
    return concatenate([all, expandDims(final, 0)]);
  });

  const split = (control: Tensor): [Tensor, Tensor] => [
    control.at([0, n]),
    control.at([n, control.size]).reshape([corrections, n]),
  ];
  const join = (first: Tensor, others: Tensor): Tensor =>
    concatenate([first, others.reshape([corrections * n])]);
  const whiten = (state: Tensor, errors: Tensor): Tensor =>
    join(B.whiten(state.sub(background)), vmap(Q.whiten)(errors));
  const residuals = (state: Tensor, errors: Tensor): Tensor =>
    concatenate([whiten(state, errors), departures(state, errors)]);

  const parts = {
    cvt: (control: Tensor): [Tensor, Tensor] => {
      const [v, w] = split(control);
      return [background.add(B.color(v)), vmap(Q.color)(w)];
    },
    none: split,
  };
  const problem = (transform: 'none' | 'cvt'): ControlProblem => {
    const of = parts[transform];
    const all =
      transform === 'cvt'
        ? (c: Tensor) => concatenate([c, departures(...of(c))])
        : (c: Tensor) => residuals(...of(c));
    return {
      start:
        transform === 'cvt'
          ? zeros([(corrections + 1) * n])
          : join(background, zeros([corrections, n])),
      residuals: all,
      cost: (c) => halfSquare(all(c)),
      toState: (c) => of(c)[0],
      trajectory: (c) => trajectory(...of(c)),
    };
  };

  const cost = jit((state: Tensor, errors: Tensor) => halfSquare(residuals(state, errors)));
  return {
    corrections,
    cost: (state, modelErrors) => {
      const x = checkShape(
        `${caller}: the given state`,
        tensor(state, { dtype: 'float64' }),
        background,
      );
      const e = tensor(modelErrors, { dtype: 'float64' });
      if (e.ndim !== 2 || e.shape[0] !== corrections || e.shape[1] !== n) {
        throw new RangeError(
          `${caller}: the model errors have shape [${e.shape.join(', ')}]; they must be [${corrections}, ${n}].`,
        );
      }
      return cost(x, e);
    },
    minimize: async (how = {}) => {
      const { control, end } = await minimizeCost(caller, problem, how);
      const [, modelErrors] = parts[how.transform ?? 'cvt'](control);
      return Object.assign(end, { modelErrors });
    },
  };
}

function correctionsIn(caller: string, steps: number, every: number): number {
  if (!Number.isInteger(every) || every < 1) {
    throw new RangeError(`${caller}: every is ${every}; give a whole number of steps, 1 or more.`);
  }
  if (steps >= every) return Math.floor(steps / every);
  throw new RangeError(
    `${caller}: the last observation is at step ${steps}, before the first correction at step ${every}. Give later observations, or use fourDVar.`,
  );
}
