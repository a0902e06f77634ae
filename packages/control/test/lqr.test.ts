import { lqr, tvlqr } from '@grad/control';
import { eye, grad, jit, matmul, type Tensor, tensor, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { expect, test } from 'vitest';

const A = [
  [1, 0.1],
  [0, 1],
];
const system = { A, B: [[0.005], [0.1]], Q: eye(2), R: [[1]] };

test('the discrete regulator of the double integrator', () => {
  const [[k0 = 0, k1 = 0] = []] = [[...lqr(system).K.dataSync()].map(Number)];
  expect(k0).toBeCloseTo(0.917074563114, 11);
  expect(k1).toBeCloseTo(1.635596185047, 11);
});

test('the continuous one', () => {
  const double = {
    A: [
      [0, 1],
      [0, 0],
    ],
    B: [[0], [1]],
    Q: eye(2),
    R: [[1]],
  };
  const P = [...lqr(double, { time: 'continuous' }).P.dataSync()].map(Number);
  for (const [i, value] of [Math.sqrt(3), 1, 1, Math.sqrt(3)].entries()) {
    expect(P[i]).toBeCloseTo(value, 11);
  }
});

test('50 steps: the cost and its gradient, also compiled and mapped over starts', () => {
  const { P } = tvlqr(system, { steps: 50, terminal: eye(2).mul(10) });
  const cost = (x: Tensor): Tensor => x.mul(matmul(P.at(0), x)).sum();
  expect(cost(tensor([1, 0])).item()).toBeCloseTo(17.832331978623, 10);
  for (const gradient of [
    grad(cost)(tensor([1, 0])),
    jit(vmap(grad(cost)))(tensor([[1, 0]])).at(0),
  ]) {
    expect(gradient.at(0).item()).toBeCloseTo(35.664663957246, 10);
    expect(gradient.at(1).item()).toBeCloseTo(20.022564462391, 10);
  }
});

test('the gain can be differentiated in the system', () => {
  checkGrads((a: Tensor) => lqr({ ...system, A: a }).K.sum(), [tensor(A)]);
});
