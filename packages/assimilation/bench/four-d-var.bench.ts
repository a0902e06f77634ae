import { fourDVar, lorenz96 } from '@grad/assimilation';
import { expect, test } from 'vitest';

test('the cost of 4D-Var on Lorenz-96, 40 variables and 400 steps, and its gradient', async ({
  bench,
}) => {
  const background = Array.from({ length: 40 }, (_, i) => (i === 20 ? 8.01 : 8));
  const observations = Array.from({ length: 400 }, (_, t) => ({
    step: t + 1,
    value: Array.from({ length: 40 }, (_, i) => 0.1 * (((t + 1) * 7 + i * 13) % 17)),
  }));
  const problem = fourDVar({
    model: lorenz96({ dt: 0.01 }),
    background,
    B: 1,
    R: 0.5,
    observations,
  });
  // The sum of squared departures, computed by a program in C with the adjoint written by hand.
  expect(problem.cost(background).item()).toBeCloseTo(481469.034085, 6);
  expect(problem.gradient(background).square().sum().item() / 1.93847e17).toBeCloseTo(1, 5);
  await bench.compare(
    bench('cost', () => void problem.cost(background).item()),
    bench('gradient', () => void problem.gradient(background).dataSync()),
  );
});
