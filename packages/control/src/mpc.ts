import {
  type Argument,
  concatenate,
  type Tensor,
  type TensorLike,
  type Traced,
  tensor,
} from '@grad/core';
import { type Descent, descend } from './descend.ts';
import { compileIlqr } from './ilqr.ts';
import { middle } from './limits.ts';
import { type ControlProblem, fullProblem, inputsOf, stateOf } from './problem.ts';
import type { ControlSolution } from './solution.ts';
import type { Integration } from './step.ts';

/** Options of `mpc`. */
export interface MpcOptions extends Pick<Integration, 'steps'> {
  /** Intervals of the horizon; 20 when left out, in discrete time its steps. */
  readonly intervals?: number;
  /** Iterations for each control; 500 when left out. */
  readonly maxIterations?: number;
}

/** What to do now, and the plan that it belongs to. */
export interface Plan
  extends Pick<ControlSolution, 'status' | 'message' | 'violated' | 'cost' | 'states'> {
  /** [m], to be held for one interval. */
  readonly control: Tensor;
  /** [N, m] */
  readonly controls: Tensor;
  readonly iterations: number;
}

/**
 * Model predictive control: from each state that is measured, the problem is solved anew over its horizon, and the
 * first control is what to do. It is compiled once, and each solution, by iLQR, starts from the last one, moved on by an
 * interval. `initial` serves for its length only.
 *
 * @throws TypeError or RangeError when the problem makes no sense, or the final time is free; ShapeError or TypeError when a
 * state or parameters do not fit.
 */
export function mpc<const P = null>(
  given: ControlProblem<P>,
  options: MpcOptions = {},
): {
  /**
   * From a state [n] at a time, 0 when left out, with parameters in place of those of the problem where they are given. Await one
   * before you ask for the next.
   */
  next(
    x: TensorLike,
    t?: number,
    options?: { readonly parameters?: Argument<Traced<P>> },
  ): Promise<Plan>;
} {
  const problem = fullProblem(given);
  const { maxIterations = 500 } = options;
  const { intervals = problem.isDiscrete ? problem.time : 20 } = options;
  if (problem.isFree) throw new RangeError('mpc: give a horizon; the final time cannot be free.');
  if (!Number.isInteger(intervals) || intervals < 1) {
    throw new RangeError(`mpc: intervals is ${intervals}; it is a whole number from 1.`);
  }
  const ilqr = compileIlqr(problem, intervals, options);
  const first = Array.from({ length: problem.controls }, (_, c) =>
    middle(problem.bounds.controls, c),
  );
  let controls = tensor(Array.from({ length: intervals }, () => first));
  let pull: Descent['pull'] | undefined;
  return {
    async next(x, t = 0, { parameters } = {}) {
      const from = stateOf('mpc', 'the state', x, problem.initial.length);
      const { theta } = inputsOf('mpc', problem, given.parameters ?? null, { parameters });
      const start = { controls, pull };
      const at = { x: from, t: tensor(t), theta };
      const found = await descend(ilqr, at, start, { maxIterations });
      // A plan that failed is no place to start from.
      const isSound = found.status === 'converged';
      controls = isSound ? movedOn(found.controls) : controls;
      pull = isSound ? { ...found.pull, path: movedOn(found.pull.path) } : undefined;
      const { status, message, violated, cost, states, iterations } = found;
      return {
        control: found.controls.at(0),
        controls: found.controls,
        states,
        cost,
        status,
        message,
        violated,
        iterations,
      };
    },
  };
}

/** Rows one place earlier, the last one twice. */
function movedOn(rows: Tensor): Tensor {
  const [count = 1] = rows.shape;
  return concatenate([rows.at([1, count]), rows.at([count - 1, count])]);
}
