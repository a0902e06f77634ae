import { lqr, optimalControl } from '@grad/control';
import { eye, grad, jit, random, stack, type Tensor } from '@grad/core';
import { expect, test } from 'vitest';

test('the landing on the Moon by collocation on two phases of 20 intervals', async ({ bench }) => {
  const moon = optimalControl({
    dynamics: (x, u) => {
      const thrust = u.at(0);
      return stack([x.at(1), thrust.div(x.at(2)).sub(1), thrust.div(-2.349)]);
    },
    terminalCost: (x) => x.at(2).neg(),
    initial: [1, -0.783, 1],
    terminal: [0, 0, null],
    bounds: {
      controls: { lower: [0], upper: [1.227] },
      states: { lower: [0, -Infinity, 0.05], upper: [Infinity, Infinity, Infinity] },
    },
    freeFinalTime: 1.5,
  });
  const options = { arcs: ['lower', 'upper'], intervals: 20 } as const;
  expect((await moon.solve(options)).cost).toBeCloseTo(-0.395354363964, 8);
  await bench('collocation', async () => {
    await moon.solve(options);
  }).run();
});

test('the regulator of 20 states, and its derivative in the system', async ({ bench }) => {
  const n = 20;
  const A = random.normal(random.key(0), [n, n]).mul(0.2);
  const B = random.normal(random.key(1), [n, 4]);
  const cost = (a: Tensor): Tensor => lqr({ A: a, B, Q: eye(n), R: eye(4) }).P.sum();
  const [value, gradient] = [jit(cost), jit(grad(cost))];
  const h = 1e-5;
  const direction = random.normal(random.key(2), [n, n]);
  const difference =
    (cost(A.add(direction.mul(h))).item() - cost(A.sub(direction.mul(h))).item()) / (2 * h);
  expect(gradient(A).mul(direction).sum().item() / difference).toBeCloseTo(1, 6);
  await bench.compare(
    bench('regulator', () => void value(A).item()),
    bench('derivative', () => void gradient(A).dataSync()),
  );
});
