// Digits that were lost: float64 functions computed in float32, sums of many small terms added one
// by one. The expected values were rounded from 60 digits.

import { expm1, log, log1p, pow, sum, type Tensor, tanh, tensor } from '@grad/core';
import { describe, expect, test } from 'vitest';
import { ulpDistance } from '../laws/agreement.ts';

type Points = readonly (readonly [x: number, y: number])[];

const cases: readonly (readonly [string, (x: Tensor) => Tensor, Points])[] = [
  [
    'log near 1',
    log,
    [
      [0.99999998, -2.0000000189472886e-8],
      [1.00000002, 1.9999999900495185e-8],
      [1 + 2 ** -52, 2.2204460492503128e-16],
      [0.9999999, -1.0000000494736474e-7],
    ],
  ],
  [
    'tanh near 0',
    tanh,
    [
      [1e-2, 0.00999966667999946],
      [1e-3, 0.0009999996666668],
      [1e-6, 9.999999999996666e-7],
      [1e-9, 1e-9],
      [-1e-12, -1e-12],
    ],
  ],
  [
    'expm1 near 0',
    expm1,
    [
      [1e-5, 1.0000050000166668e-5],
      [-1e-10, -9.999999999500001e-11],
      [1e-20, 1e-20],
    ],
  ],
  [
    'log1p near 0',
    log1p,
    [
      [1e-5, 9.999950000333332e-6],
      [-1e-10, -1.00000000005e-10],
      [1e-20, 1e-20],
    ],
  ],
  [
    'the cube',
    (x) => pow(x, 3),
    [
      [1.1, 1.3310000000000004],
      [0.3, 0.026999999999999996],
      [123.456, 1881640.2952028161],
      [1e-5, 1.0000000000000003e-15],
    ],
  ],
  [
    'the cube as a general power',
    (x) => pow(x, tensor([3]).at(0)),
    [
      [1.1, 1.3310000000000004],
      [0.3, 0.026999999999999996],
      [123.456, 1881640.2952028161],
    ],
  ],
];

describe('in float64', () => {
  test.each(cases)('%s is within 2 ulp', (_, f, points) => {
    for (const [x, y] of points) {
      expect(ulpDistance(f(tensor(x)).item(), y, false)).toBeLessThanOrEqual(2);
    }
  });
});

describe('a sum of a million equal terms', () => {
  test('is off by less than 0.1 of 100000 in float32', () => {
    const x = tensor(new Float32Array(1e6).fill(0.1));
    expect(Math.abs(sum(x).item() - 1e5)).toBeLessThan(0.1);
  });

  test('is right to 12 digits in float64', () => {
    const x = tensor(new Float64Array(1e6).fill(0.1));
    expect(Math.abs(sum(x).item() / 1e5 - 1)).toBeLessThan(1e-12);
  });

  test('is as good along the first axis of a matrix, and for terms that are computed', () => {
    const x = tensor(new Float32Array(1e6).fill(0.1)).reshape([250_000, 4]);
    for (const total of sum(x, { axis: 0 }).dataSync()) {
      expect(Math.abs(total - 25_000)).toBeLessThan(0.025);
    }
    expect(Math.abs(sum(x.mul(1).add(0)).item() - 1e5)).toBeLessThan(0.1);
  });
});
