import { jit, linalg, matmul, type Tensor, tensor, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';
import { difference, largest, matrix, noise, product, transposed } from './matrix-cases.ts';

function rowsOf(x: Tensor): number[][] {
  const [m = 0, n = 0] = x.shape;
  const data = x.dataSync();
  return matrix(m, n, (i, j) => data[i * n + j] ?? Number.NaN);
}

describe('the pseudoinverse', () => {
  test.each([
    [4, 4, 4],
    [5, 3, 3],
    [3, 5, 3],
    [5, 4, 2],
    [4, 6, 1],
  ] as const)(
    'of a %i by %i matrix of rank %i has the four properties of Penrose',
    (m, n, rank) => {
      const a = product(noise(m, rank, 18), noise(rank, n, 19));
      const p = rowsOf(linalg.pinv(a));
      const [ap, pa] = [product(a, p), product(p, a)];
      for (const [x, y] of [
        [product(ap, a), a],
        [product(pa, p), p],
        [ap, transposed(ap)],
        [pa, transposed(pa)],
      ] as const) {
        expect(largest(difference(x, y))).toBeLessThan(1e-13 * Math.max(1, largest(p)));
      }
    },
  );

  test('has the derivative along matrices of its rank, to order 2', () => {
    const inverse = (x: Tensor, y: Tensor): Tensor => linalg.pinv(matmul(x, y));
    checkGrads(inverse, [tensor(noise(5, 2, 20)), tensor(noise(2, 4, 21))], { order: 2 });
    checkGrads(jit(linalg.pinv), [tensor(noise(4, 3, 22))], { order: 2 });
    const batch = tensor([noise(3, 3, 23), noise(3, 3, 24)]);
    checkGrads((x: Tensor) => vmap((t: Tensor) => linalg.pinv(t))(x), [batch], { order: 1 });
  });

  test('takes singular values below a share of the largest for 0', () => {
    const a = [
      [2, 0],
      [0, 1e-6],
    ];
    expect(linalg.pinv(a).toArray()).toEqual([
      [0.5, 0],
      [0, expect.closeTo(1e6, 3)],
    ]);
    expect(linalg.pinv(a, { rtol: 1e-5 }).toArray()).toEqual([
      [0.5, 0],
      [0, 0],
    ]);
    expect(linalg.pinv([[0, 0, 0]]).toArray()).toEqual([[0], [0], [0]]);
    expect(() => linalg.pinv(a, { rtol: Number.NaN })).toThrow(/rtol must be a finite number/);
  });
});
