// The order in which floats are added depends on shapes and dtypes alone: a sum has the same bits
// whatever it is fused with and however its operand lies in memory.

import { type DType, jit, prod, random, sum, type Tensor } from '@grad/core';
import { describe, expect, test } from 'vitest';

type Two = (x: Tensor, w: Tensor) => Tensor;

const functions: Readonly<Record<string, Two>> = {
  'a product with a row': (x, w) => sum(x.mul(w)),
  'a transposed operand': (x) => sum(x.transpose()),
  'a transposed expression': (x, w) => sum(x.mul(w).transpose().mul(2)),
  'a square': (x) => sum(x.square()),
  'a product of elements': (x, w) => prod(x.add(w).mul(0.3)),
  'every second row': (x) => sum(x.at([0, x.shape[0] ?? 0, 2]).mul(3)),
};

const shapes = [
  [7, 7],
  [3, 5],
  [90, 3],
  [3, 90],
  [2, 3, 4],
  [9, 100],
  [5, 1, 11],
  [4, 4, 4, 4],
];
const dtypes: readonly Extract<DType, `float${string}`>[] = ['float64', 'float32'];

describe.each(dtypes)('a sum of %s over several axes', (dtype) => {
  test.each(Object.entries(functions))('has the same bits alone and around %s', (_, f) => {
    for (const shape of shapes) {
      for (let seed = 0; seed < 5; seed++) {
        const x = random.normal(random.key(seed), shape, { dtype });
        const w = random.normal(random.key(seed + 100), [shape.at(-1) ?? 1], { dtype });
        expect(jit(f)(x, w).item()).toBe(f(x, w).item());
      }
    }
  });
});
