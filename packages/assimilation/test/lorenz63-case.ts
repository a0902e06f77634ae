import { type FourDVar, fourDVar, lorenz63, trajectory } from '@grad/assimilation';
import type { Tensor } from '@grad/core';

export const model = lorenz63({ sigma: 10, rho: 28, beta: 8 / 3, dt: 0.01 });
const trueStart = [1.509, -1.531, 25.46];
export const background = [2.509, -2.531, 25.96];

/** States of the true run from step 0 to step 100. */
export const truth: Tensor = trajectory(model, trueStart, 100);

/** Everything observed at steps 10, 20, ..., 100 with fixed errors of variance 2. */
export const observations = Array.from({ length: 10 }, (_, k) => {
  const m = k + 1;
  const errors = [0, 1, 2].map((i) => Math.SQRT2 * Math.sin(12.9898 * (3 * m + i + 1)));
  return { step: 10 * m, value: truth.at(10 * m).add(errors) };
});

export const problem: FourDVar = fourDVar({ model, background, B: 1, R: 2, observations });
