// The reference interpreter, which all else is held to, refuses what compiled code refuses.

import { linalg, MatrixError, sparse, tensor } from '@grad/core';
import { describe, expect, test } from 'vitest';
import { broadcast } from '../../src/primitives/broadcast.ts';
import { backends, on } from '../laws/backends.ts';
import { laplacian, vector } from '../sparse/matrices.ts';

describe.each(backends)('%s', (_, backend) => {
  test('refuses a sparse matrix that is not positive definite', () => {
    const { data, pattern } = laplacian(3, 3);
    const indefinite = { data: data.neg(), pattern };
    const solve = (): unknown =>
      on(backend, () => sparse.solve(indefinite, vector(9), { method: 'cholesky' }));
    expect(solve).toThrow(MatrixError);
    expect(solve).toThrow(/sparse.cholesky: the matrix is not positive definite.*pivot \d/);
  });

  test('refuses a sparse triangle with a zero on the diagonal', () => {
    const dense = tensor([
      [2, 0, 0],
      [1, 0, 0],
      [3, 1, 4],
    ]);
    const { pattern } = sparse.fromDense(
      tensor([
        [1, 0, 0],
        [1, 1, 0],
        [1, 1, 1],
      ]),
    );
    const data = tensor([2, 1, 0, 3, 1, 4]);
    expect(sparse.toDense({ data, pattern }).toArray()).toEqual(dense.toArray());
    const solve = (): unknown =>
      on(backend, () => sparse.triangularSolve({ data, pattern }, vector(3)));
    expect(solve).toThrow(/sparse.triangularSolve: the matrix is exactly singular: pivot 1/);
  });

  test('finds eigenvalues beside an element that is exactly 1', () => {
    const [values] = on(backend, () =>
      linalg.eigh(
        tensor([
          [2, 1],
          [1, 2],
        ]),
      ),
    );
    const [low, high] = values.dataSync();
    expect(low).toBeCloseTo(1, 14);
    expect(high).toBeCloseTo(3, 14);
  });
});

test('axes of a broadcast are distinct', () => {
  const x = tensor([
    [1, 2],
    [3, 4],
  ]);
  expect(() => broadcast(x, { shape: [2, 2], axes: [1, 1] })).toThrow(/does not fit axes \[1, 1\]/);
});
