/**
 * Schedules: numbers, such as a learning rate, as functions of the count of updates, 0 at the first.
 * They are made of tensor operations and can be part of compiled functions.
 */

import { cos, floor, minimum, pow, type Tensor, tensor, where } from '@grad/core';

/** A number that depends on the count of updates, an int32 scalar that is 0 at the first. */
export type Schedule = (count: Tensor) => Tensor;

/** Always the same value. */
export function constant(value: number): Schedule {
  return () => tensor(value);
}

/** Options of `cosineDecay`. */
export interface CosineDecayOptions {
  /** Value at the start. */
  readonly init: number;
  /** Updates after which the end is reached. */
  readonly steps: number;
  /** Value from there on; 0 when left out. */
  readonly end?: number;
}

/**
 * Half a cosine from `init` to `end`, and `end` after it.
 *
 * @throws RangeError when `steps` is not a whole number of 1 or more.
 * @see I. Loshchilov and F. Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts (2017), eq. 5.
 */
export function cosineDecay({ init, steps, end = 0 }: CosineDecayOptions): Schedule {
  checkSteps('cosineDecay', 'steps', steps, 1);
  return (count) => {
    const done = minimum(count.div(steps), 1);
    return cos(done.mul(Math.PI))
      .add(1)
      .mul((init - end) / 2)
      .add(end);
  };
}

/** Options of `exponentialDecay`. */
export interface ExponentialDecayOptions {
  /** Value at the start. */
  readonly init: number;
  /** Factor for each `steps` updates. */
  readonly rate: number;
  /** 1 when left out. */
  readonly steps?: number;
  /** Whether the value stays the same for `steps` updates and then jumps. */
  readonly staircase?: boolean;
}

/**
 * `init * rate ** (count / steps)`.
 *
 * @throws RangeError when `rate` is not above 0, or `steps` not a whole number of 1 or more.
 */
export function exponentialDecay(options: ExponentialDecayOptions): Schedule {
  const { init, rate, steps = 1, staircase = false } = options;
  checkSteps('exponentialDecay', 'steps', steps, 1);
  if (!(rate > 0)) {
    throw new RangeError(`exponentialDecay: rate is ${rate}; give a factor above 0.`);
  }
  return (count) => {
    const periods = count.div(steps);
    return pow(rate, staircase ? floor(periods) : periods).mul(init);
  };
}

/** Options of `warmup`. */
export interface WarmupOptions {
  /** Updates until the schedule is reached. */
  readonly steps: number;
  /** Value at the start; 0 when left out. */
  readonly init?: number;
}

/**
 * Rises in a straight line to the first value of a schedule in so many updates, and follows the
 * schedule from there, which then counts from 0.
 *
 * @throws RangeError when `steps` is not a whole number of 1 or more.
 */
export function warmup(schedule: Schedule | number, { steps, init = 0 }: WarmupOptions): Schedule {
  checkSteps('warmup', 'steps', steps, 1);
  const then = typeof schedule === 'number' ? constant(schedule) : schedule;
  return (count) => {
    const peak = then(tensor(0, { dtype: 'int32' }));
    const rising = peak.sub(init).mul(count.div(steps)).add(init);
    return where(count.lt(steps), rising, then(count.sub(steps).maximum(0)));
  };
}

/**
 * One schedule after another: `schedules[i]` from the count `boundaries[i - 1]` up to `boundaries[i]`,
 * each counting from 0 where it begins.
 *
 * @throws RangeError when boundaries do not rise, or are not one fewer than schedules.
 */
export function piecewise(
  schedules: readonly (Schedule | number)[],
  boundaries: readonly number[],
): Schedule {
  if (boundaries.length !== schedules.length - 1) {
    throw new RangeError(
      `piecewise: ${schedules.length} schedules need ${schedules.length - 1} boundaries between them, not ${boundaries.length}.`,
    );
  }
  boundaries.forEach((boundary, i) => {
    checkSteps('piecewise', `boundary ${i}`, boundary, (boundaries[i - 1] ?? -1) + 1);
  });
  const parts = schedules.map((part) => (typeof part === 'number' ? constant(part) : part));
  return (count) => {
    const values = parts.map((part, i) => part(count.sub(boundaries[i - 1] ?? 0).maximum(0)));
    const [first = tensor(Number.NaN), ...later] = values;
    return later.reduce(
      (value, next, i) => where(count.ge(boundaries[i] ?? 0), next, value),
      first,
    );
  };
}

function checkSteps(name: string, what: string, steps: number, least: number): void {
  if (Number.isInteger(steps) && steps >= least) return;
  throw new RangeError(`${name}: ${what} is ${steps}; give a whole number of ${least} or more.`);
}
