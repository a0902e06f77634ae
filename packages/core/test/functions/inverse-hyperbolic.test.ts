import {
  acosh,
  asinh,
  atanh,
  grad,
  hypot,
  isinf,
  log2,
  log10,
  type Tensor,
  tensor,
} from '@grad/core';
import { describe, expect, test } from 'vitest';

const inf = Number.POSITIVE_INFINITY;
const nan = Number.NaN;

const powersOf2 = (at: readonly number[]): [number, number][] => at.map((k) => [2 ** k, k]);

/** Arguments and the values there. */
const special: readonly (readonly [
  f: (x: Tensor) => Tensor,
  values: readonly (readonly [x: number, y: number])[],
])[] = [
  [
    asinh,
    [
      [0, 0],
      [-0, -0],
      [inf, inf],
      [-inf, -inf],
      [nan, nan],
    ],
  ],
  [
    acosh,
    [
      [1, 0],
      [inf, inf],
      [0.5, nan],
      [-2, nan],
      [-inf, nan],
      [nan, nan],
    ],
  ],
  [
    atanh,
    [
      [0, 0],
      [-0, -0],
      [1, inf],
      [-1, -inf],
      [1.5, nan],
      [-inf, nan],
      [nan, nan],
    ],
  ],
  [
    log2,
    [
      ...powersOf2([-126, -1, 0, 1, 3, 10, 100]),
      [0, -inf],
      [-0, -inf],
      [-1, nan],
      [inf, inf],
      [-inf, nan],
      [nan, nan],
    ],
  ],
  [
    log10,
    [
      [1, 0],
      [1000, 3],
      [1e10, 10],
      [0, -inf],
      [-1, nan],
      [inf, inf],
      [-inf, nan],
      [nan, nan],
    ],
  ],
];

describe.each(special.map(([f, values]) => ({ f, name: f.name, values })))('$name', (one) => {
  test.each(['float64', 'float32'] as const)('at special arguments in %s', (dtype) => {
    const x = tensor(
      one.values.map(([at]) => at),
      { dtype },
    );
    expect([...one.f(x).dataSync()]).toEqual(one.values.map(([, y]) => y));
  });
});

test('every power of 2, and of 10 that is a float, has a whole logarithm', () => {
  const powers = Array.from({ length: 2098 }, (_, i) => i - 1074);
  expect([...log2(tensor(powers.map((k) => 2 ** k))).dataSync()]).toEqual(powers);
  const tens = Array.from({ length: 23 }, (_, k) => k);
  expect([...log10(tensor(tens.map((k) => Number(`1e${k}`)))).dataSync()]).toEqual(tens);
});

test('the slope of asinh does not vanish where the square overflows', () => {
  expect(grad(asinh)(tensor(-1e200)).item() * 1e200).toBeCloseTo(1, 14);
});

describe('hypot', () => {
  test('neither overflows nor vanishes', () => {
    const [x, y] = [tensor([3e200, 3e-200, 5e-324]), tensor([4e200, -4e-200, 0])];
    const lengths = hypot(x, y).div([5e200, 5e-200, 5e-324]).dataSync();
    for (const ratio of lengths) expect(ratio).toBeCloseTo(1, 14);
  });

  test('is infinite where a side is, and else NaN where a side is', () => {
    const lengths = hypot(tensor([inf, nan, 0, nan, -0]), tensor([nan, -inf, -2, 1, 0]));
    expect(lengths.toArray()).toEqual([inf, inf, 2, nan, 0]);
  });

  test('has no slope at the origin, and finite ones far out', () => {
    const slopes = (x: number, y: number): number[] =>
      grad((a: Tensor, b: Tensor) => hypot(a, b), { argnums: [0, 1] })(tensor(x), tensor(y)).map(
        (slope) => slope.item(),
      );
    expect(slopes(0, 0)).toEqual([0, 0]);
    const [alongX = nan, alongY = nan] = slopes(3e200, -4e200);
    expect(alongX).toBeCloseTo(0.6, 14);
    expect(alongY).toBeCloseTo(-0.8, 14);
  });
});

test('isinf tells infinities from NaN and large numbers', () => {
  expect(isinf(tensor([1, inf, -inf, nan, 1.7e308])).toArray()).toEqual([
    false,
    true,
    true,
    false,
    false,
  ]);
  expect(isinf(tensor([1, 2], { dtype: 'int32' })).toArray()).toEqual([false, false]);
});
