import { grad, jit, type Tensor, tensor } from '@grad/core';
import { odeint } from '@grad/solve';
import { expect, test } from 'vitest';

const lotkaVolterra = jit(
  grad((p: Tensor): Tensor => {
    const { ys } = odeint(
      ([u, v], _, rates) => [
        u.mul(rates.at(0)).sub(u.mul(v).mul(rates.at(1))),
        u
          .mul(v)
          .mul(rates.at(3))
          .sub(v.mul(rates.at(2))),
      ],
      [1, 1],
      [0, 10],
      { args: p, rtol: 1e-8, atol: 1e-8 },
    );
    return ys[0].at(-1);
  }),
);

const lorenz96 = jit(
  grad((x: Tensor): Tensor => {
    const { ys } = odeint(
      (y: Tensor) => {
        const ring = (by: number): Tensor => y.take(indices.map((i) => (i + by + 40) % 40));
        return ring(1).sub(ring(-2)).mul(ring(-1)).sub(y).add(8);
      },
      x,
      [0, 1],
      { rtol: 1e-8, atol: 1e-8 },
    );
    return ys.at(-1).square().sum();
  }),
);
const indices = Array.from({ length: 40 }, (_, i) => i);

test('the gradient of predators and prey over 10 units of time', async ({ bench }) => {
  const p = tensor([1.5, 1, 3, 1]);
  expect(lotkaVolterra(p).size).toBe(4);
  await bench('gradient in the rates', () => {
    lotkaVolterra(p);
  }).run();
});

test('the gradient of Lorenz-96 with 40 variables over 1 unit of time', async ({ bench }) => {
  const x = tensor(indices.map((i) => 8 + Math.sin(i)));
  expect(lorenz96(x).size).toBe(40);
  await bench('gradient in the start', () => {
    lorenz96(x);
  }).run();
});
