import { linalg, linearTranspose, sparse, type Tensor, tensor } from '@grad/core';
import '@grad/core/testing/vitest';
import { expect, test } from 'vitest';
import { solveByFactor } from '../../src/functions/sparse/solve-by-factor.ts';

const dense = tensor([
  [4, 1, 0],
  [3, 5, 2],
  [0, 7, 6],
]);
const ct = tensor([1, -2, 0.5]);

test.each([false, true])('the transpose of solving by LU factors, transposed %s', (transposed) => {
  const factors = sparse.lu(sparse.fromDense(dense));
  const [pulled] = [
    linearTranspose((b: Tensor) => solveByFactor(factors, b, transposed), tensor([0, 0, 0]))(ct),
  ].flat();
  const matrix = transposed ? dense : dense.transpose([1, 0]);
  expect(pulled).toBeAllclose(linalg.solve(matrix, ct), { rtol: 1e-13 });
});
