import { grad, jit, linspace, scan, sin, type Tensor, tensor } from '@grad/core';
import { expect, test } from 'vitest';

const wave = (x: Tensor): Tensor => sin(x.mul(x)).mul(x.add(1)).sum();

test('an elementwise function and its gradient', async ({ bench }) => {
  const x = linspace(0, 3, 100_000);
  const value = jit(wave);
  const gradient = jit(grad(wave));
  const slope = 2 * 3 * Math.cos(9) * 4 + Math.sin(9);
  expect(gradient(x).at(-1).item()).toBeCloseTo(slope, 10);
  await bench.compare(
    bench('value', () => void value(x).item()),
    bench('gradient', () => void gradient(x).dataSync()),
  );
});

test('a loop of 1000 steps and its gradient', async ({ bench }) => {
  const steps = (start: Tensor): Tensor => {
    const [end] = scan((x) => [x.add(sin(x).mul(0.01)), null], start, null, { length: 1000 });
    return end.sum();
  };
  const start = tensor([0.1, 0.2, 0.3]);
  const value = jit(steps);
  const gradient = jit(grad(steps));
  const h = 1e-6;
  const difference = (steps(start.add(h)).item() - steps(start.sub(h)).item()) / (2 * h);
  expect(gradient(start).sum().item()).toBeCloseTo(difference, 6);
  await bench.compare(
    bench('value', () => void value(start).item()),
    bench('gradient', () => void gradient(start).dataSync()),
  );
});
