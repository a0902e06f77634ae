import {
  concatenate,
  cumsum,
  grad,
  ones,
  ShapeError,
  scan,
  slice,
  type Tensor,
  type TensorLike,
  tensor,
  zeros,
} from '@grad/core';
import { type ControlProblem, type FullProblem, fullProblem } from './problem.ts';
import { type Integration, stepOf } from './step.ts';

/** A way that controls lead. */
export interface Rollout {
  /** [N + 1] */
  readonly times: Tensor;
  /** [N + 1, n] */
  readonly states: Tensor;
  /** The integral of the cost and the terminal cost. */
  readonly cost: Tensor;
}

/** Options of `rollout` and `costate`. */
export interface RolloutOptions extends Integration {
  /** Where to start from in place of `problem.initial`, [n]. */
  readonly initial?: TensorLike;
}

/**
 * Follows controls [N, m], one row for each of N equal intervals of the horizon, or [N + 1, m] with `hold: 'linear'`. A
 * function of tensors like any other: it can be differentiated in controls, start and parameters, compiled and mapped.
 *
 * @throws ShapeError when the controls do not fit, or in discrete time are not as many as the horizon.
 */
export function rollout<const P = null>(
  problem: ControlProblem<P>,
  controls: TensorLike,
  { initial, ...how }: RolloutOptions = {},
): Rollout {
  const full = fullProblem(problem);
  const { steps, us } = prepared(full, controls, how);
  const x0 = tensor(initial ?? [...full.initial]);
  const { states, cost } = follow(full, how, { x0, controls: us, steps }, full.theta);
  return { times: concatenate([tensor([0]), cumsum(steps)]), states, cost };
}

/**
 * The costates [N + 1, n] along a rollout: the derivative of its cost in a jump of the state at each time, by one sweep
 * backwards. The first row is the derivative in the start.
 *
 * @throws ShapeError as `rollout`.
 */
export function costate<const P = null>(
  problem: ControlProblem<P>,
  controls: TensorLike,
  { initial, ...how }: RolloutOptions = {},
): Tensor {
  const full = fullProblem(problem);
  const { steps, us } = prepared(full, controls, how);
  const x0 = tensor(initial ?? [...full.initial]);
  const cost = (jumps: Tensor): Tensor =>
    follow(full, how, { x0, controls: us, steps, jumps }, full.theta).cost;
  return grad(cost)(zeros([steps.size + 1, full.initial.length]));
}

function prepared(problem: FullProblem, controls: TensorLike, { hold }: Integration) {
  const us = tensor(controls);
  const { controls: m, time, isDiscrete } = problem;
  const count = (us.shape[0] ?? 0) - (hold === 'linear' ? 1 : 0);
  if (us.ndim !== 2 || us.shape[1] !== m || count < 1 || (isDiscrete && count !== time)) {
    const rows = isDiscrete ? time : hold === 'linear' ? 'N + 1' : 'N';
    throw new ShapeError(`rollout: controls are [${us.shape}]; they need to be [${rows}, ${m}].`);
  }
  return { us, steps: ones([count]).mul(time / count) };
}

/** Follows controls over intervals of the given lengths, with jumps of the state at their ends. */
export function follow(
  problem: FullProblem,
  how: Integration,
  way: {
    readonly x0: Tensor;
    readonly controls: Tensor;
    readonly steps: Tensor;
    readonly jumps?: Tensor;
  },
  theta: Tensor,
): { readonly states: Tensor; readonly cost: Tensor } {
  const { controls, steps } = way;
  const count = steps.size;
  const n = problem.initial.length;
  const step = stepOf(problem, how);
  const jumps = way.jumps ?? zeros([count + 1, n]);
  const first = way.x0.add(jumps.at(0));
  const [end, states] = scan(
    (at, { u, uNext, t, h, jump }) => {
      const next = step({ x: at.x, u, uNext, t, h }, theta);
      const x = next.x.add(jump);
      return [{ x, cost: at.cost.add(next.cost) }, x] as const;
    },
    { x: first, cost: tensor(0) },
    { ...pairs(controls, how), t: cumsum(steps).sub(steps), h: steps, jump: slice(jumps, [1]) },
  );
  return {
    states: concatenate([first.reshape([1, n]), states]),
    cost: end.cost.add(problem.terminalCost(end.x, theta)),
  };
}

/** Controls at the starts and at the ends of intervals. */
export function pairs(
  controls: Tensor,
  { hold = 'constant' }: Integration,
): { readonly u: Tensor; readonly uNext: Tensor } {
  if (hold === 'constant') return { u: controls, uNext: controls };
  const [count = 0] = controls.shape;
  return { u: slice(controls, [0], [count - 1]), uNext: slice(controls, [1]) };
}
