import { random, sin, type Tensor } from '@grad/core';
import type { Task } from './meta-learner.ts';

/** How many sinusoids to draw, and how many points of each. */
export interface SinusoidOptions {
  readonly tasks: number;
  /** Points of the support of each; 10 when left out. */
  readonly shots?: number;
  /** Points of the query; as many as `shots` when left out. */
  readonly queries?: number;
  /** float32 when left out. */
  readonly dtype?: 'float32' | 'float64';
}

/** Points of curves: x and y of shape `[tasks, points, 1]`. */
export interface Sinusoids extends Task<{ x: Tensor; y: Tensor }> {
  /** Shape `[tasks]`. */
  readonly amplitude: Tensor;
  /** Shape `[tasks]`, in radians. */
  readonly phase: Tensor;
}

/**
 * Regression tasks: curves `amplitude * sin(x - phase)` with amplitudes in [0.1, 5] and phases in [0, pi], at
 * points x in [-5, 5], all uniform.
 *
 * @throws RangeError when a count is no whole number of 1 or more.
 * @see C. Finn, P. Abbeel and S. Levine, Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks
 * (2017), section 5.1.
 */
export function sinusoids(key: Tensor, options: SinusoidOptions): Sinusoids {
  const { tasks, shots = 10, queries = shots, dtype = 'float32' } = options;
  for (const [what, count] of Object.entries({ tasks, shots, queries })) {
    if (!Number.isInteger(count) || count < 1) {
      throw new RangeError(`sinusoids: ${what} is ${count}; give a whole number of 1 or more.`);
    }
  }
  const drawn = (fold: number, shape: number[], low: number, high: number): Tensor =>
    random.uniform(random.foldIn(key, fold), shape, { low, high, dtype });
  const amplitude = drawn(0, [tasks], 0.1, 5);
  const phase = drawn(1, [tasks], 0, Math.PI);
  const points = (fold: number, count: number): { x: Tensor; y: Tensor } => {
    const x = drawn(fold, [tasks, count, 1], -5, 5);
    const shifted = x.sub(phase.reshape([tasks, 1, 1]));
    return { x, y: sin(shifted).mul(amplitude.reshape([tasks, 1, 1])) };
  };
  return { support: points(2, shots), query: points(3, queries), amplitude, phase };
}
