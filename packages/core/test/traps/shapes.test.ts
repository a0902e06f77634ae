// Shapes beside a multiple of the vector or tile. Matrices of small integers have products that
// are exact in every order of summation, so that nothing but equality is right.

import { matmul, sum, tanh, tensor } from '@grad/core';
import { describe, expect, test } from 'vitest';

function integers(rows: number, columns: number, seed: number): Float64Array {
  return Float64Array.from({ length: rows * columns }, (_, i) => ((i * seed) % 17) - 8);
}

function product(a: Float64Array, b: Float64Array, m: number, k: number, n: number): Float64Array {
  const c = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let l = 0; l < k; l++) {
      const left = a[i * k + l] ?? 0;
      for (let j = 0; j < n; j++) c[i * n + j] = (c[i * n + j] ?? 0) + left * (b[l * n + j] ?? 0);
    }
  }
  return c;
}

/** Where two arrays differ; the sign of a zero does not count. */
function positionsOfDifference(actual: ArrayLike<number>, expected: Float64Array): number[] {
  expect(actual.length).toBe(expected.length);
  return [...expected.keys()].filter((i) => actual[i] !== expected[i]);
}

describe.each(['float64', 'float32'] as const)('in %s', (dtype) => {
  test.each([
    [255, 255, 255],
    [256, 256, 256],
    [257, 31, 5],
    [1, 255, 1],
    [3, 1, 257],
  ])('a product of %i by %i by %i is exact for integers', (m, k, n) => {
    const [a, b] = [integers(m, k, 7), integers(k, n, 11)];
    const x = tensor(a, { dtype }).reshape([m, k]);
    const y = tensor(b, { dtype }).reshape([k, n]);
    const wrong = positionsOfDifference(matmul(x, y).dataSync(), product(a, b, m, k, n));
    expect(wrong).toEqual([]);
  });

  test.each([1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 255, 256, 257])(
    'a fused chain and a sum see each of %i elements once',
    (n) => {
      const x = tensor(integers(1, n, 5), { dtype });
      const plain = Float64Array.from(x.dataSync()).reduce((total, value) => total + 2 * value, 0);
      expect(sum(x.mul(2)).item()).toBe(plain);
      expect(tanh(x).shape).toEqual([n]);
      const values = tanh(x).dataSync();
      x.dataSync().forEach((value, i) => {
        expect(Math.abs((values[i] ?? Number.NaN) - Math.tanh(value))).toBeLessThan(1e-6);
      });
    },
  );
});
