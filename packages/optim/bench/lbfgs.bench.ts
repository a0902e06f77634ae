import type { Tensor } from '@grad/core';
import { lbfgs } from '@grad/optim';
import { expect, test } from 'vitest';

test("the minimum of Rosenbrock's function in 100 variables", async ({ bench }) => {
  const rosenbrock = (x: Tensor): Tensor => {
    const [head, tail] = [x.at([0, 99]), x.at([1, 100])];
    return tail.sub(head.square()).square().mul(100).add(head.sub(1).square()).sum();
  };
  const start = new Float64Array(100).fill(-1.2);
  const { x, status } = await lbfgs(rosenbrock, start, { maxIterations: 2000 });
  expect([status, x.sub(1).abs().max().item() < 1e-4]).toEqual(['converged', true]);
  await bench('lbfgs', async () => {
    await lbfgs(rosenbrock, start, { maxIterations: 2000 });
  }).run();
});
