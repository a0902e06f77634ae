import { fourDVar, twinExperiment } from '@grad/assimilation';
import { linalg, matmul, type Tensor, tensor } from '@grad/core';
import { expect, test } from 'vitest';

const matrix = tensor([
  [2, 0.5, 0.1],
  [0.5, 1, 0.3],
  [0.1, 0.3, 1.5],
]);
// The symmetric root, which is another one than that of Cholesky.
const root = linalg.matrixFunction((w) => w.sqrt(), matrix);
const inverse = linalg.inv(root);
const operator = {
  color: (v: Tensor) => matmul(root, v),
  whiten: (d: Tensor) => matmul(inverse, d),
};
const observations = [
  { step: 1, value: [0.3, -2.2, 1] },
  { step: 3, value: [-1.1, 0.4, 0.7] },
];
const given = {
  model: (x: Tensor) => x.mul(0.9).add(x.square().mul(0.05)),
  background: [1, -2, 0.5],
  R: 0.3,
  observations,
};

test('a covariance given as functions is the matrix it stands for', async () => {
  const asMatrix = fourDVar({ ...given, B: matrix });
  const asFunctions = fourDVar({ ...given, B: operator });
  const x = [3, 1, -2];
  expect(asFunctions.cost(x).item()).toBeCloseTo(asMatrix.cost(x).item(), 11);
  const [a, b] = [await asMatrix.minimize(), await asFunctions.minimize()];
  expect([a.status, b.status]).toEqual(['converged', 'converged']);
  expect(b.cost).toBeCloseTo(a.cost, 12);
  expect(b.analysis.sub(a.analysis).abs().max().item()).toBeLessThan(1e-9);
});

test('a twin experiment draws errors from it', () => {
  const { model } = given;
  const make = (B: object) =>
    twinExperiment({
      model,
      truth: [0, 0, 0],
      B: { ...operator, ...B },
      R: 1,
      steps: [1],
    }).background;
  const errors = make({ color: (v: Tensor) => v });
  expect(make({}).sub(matmul(root, errors)).abs().max().item()).toBeLessThan(1e-15);
});
