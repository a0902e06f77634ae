import { linalg, linearTranspose, sparse, type Tensor, tensor, zeros } from '@grad/core';
import { allclose } from '@grad/core/testing';
import { expect, test } from 'vitest';
import { solveByFactor } from '../../src/functions/sparse/solve-by-factor.ts';

const dense = tensor([
  [4, 1, 0],
  [3, 5, 2],
  [0, 7, 6],
]);
const ct = tensor([[1], [-2], [0.5]]);

test.each([false, true])('the transpose of solving by LU factors, transposed %s', (transposed) => {
  const factors = sparse.lu(sparse.fromDense(dense));
  const solve = (b: Tensor): Tensor => solveByFactor(factors, b, transposed);
  const pulled = [linearTranspose(solve, zeros([3, 1]))(ct)].flat();
  const matrix = transposed ? dense : dense.transpose([1, 0]);
  expect(allclose(pulled, [linalg.solve(matrix, ct)], { rtol: 1e-13 })).toBe(true);
});
