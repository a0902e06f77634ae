import { scan, type Tensor, tensor } from '@grad/core';
import type { FullProblem } from './problem.ts';

/** How an interval is integrated. */
export interface Integration {
  /** Steps of the classical Runge-Kutta method of order 4 in each interval; 4 when left out. Of no use in discrete time. */
  readonly steps?: number;
  /** Controls are `constant` in each interval, when left out, or `linear` between its ends. */
  readonly hold?: 'constant' | 'linear';
}

/** Where an interval starts, its length, and the controls at both ends. */
export interface Interval {
  readonly x: Tensor;
  readonly u: Tensor;
  readonly uNext: Tensor;
  readonly t: Tensor;
  readonly h: Tensor;
}

/** What an interval leads to, and what it costs. */
export interface Reached {
  x: Tensor;
  cost: Tensor;
}

/** The function that goes over one interval. */
export function stepOf(
  problem: FullProblem,
  { steps = 4 }: Integration,
): (from: Interval, theta: Tensor) => Reached {
  if (!Number.isInteger(steps) || steps < 1) {
    throw new RangeError(`optimalControl: steps is ${steps}; it is a whole number from 1.`);
  }
  const { dynamics, cost } = problem;
  if (problem.isDiscrete) {
    return ({ x, u, t }, theta) => ({ x: dynamics(x, u, t, theta), cost: cost(x, u, t, theta) });
  }
  return ({ x, u, uNext, t, h }, theta) => {
    const part = h.div(steps);
    const slope = (at: Reached, share: Tensor): Reached => {
      const [control, time] = [u.add(uNext.sub(u).mul(share)), t.add(h.mul(share))];
      return { x: dynamics(at.x, control, time, theta), cost: cost(at.x, control, time, theta) };
    };
    const moved = (at: Reached, by: Reached, length: Tensor): Reached => ({
      x: at.x.add(by.x.mul(length)),
      cost: at.cost.add(by.cost.mul(length)),
    });
    const rk4 = (at: Reached, start: Tensor): Reached => {
      const [middle, end] = [start.add(0.5 / steps), start.add(1 / steps)];
      const k1 = slope(at, start);
      const k2 = slope(moved(at, k1, part.mul(0.5)), middle);
      const k3 = slope(moved(at, k2, part.mul(0.5)), middle);
      const k4 = slope(moved(at, k3, part), end);
      const sum = moved(moved(moved(k1, k2, tensor(2)), k3, tensor(2)), k4, tensor(1));
      return moved(at, sum, part.div(6));
    };
    const [end] = scan(
      (at: Reached, start: Tensor) => [rk4(at, start), null] as const,
      { x, cost: tensor(0) },
      tensor(Array.from({ length: steps }, (_, k) => k / steps)),
    );
    return end;
  };
}
