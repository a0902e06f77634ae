// The oracle of the laws, held against integer arithmetic.

import { describe, expect, test } from 'vitest';
import { Noise } from '../../src/backends/reference/noise.ts';
import * as reference from '../../src/primitives/reference-math.ts';
import { ulps } from '../wasm/exact.ts';
import * as exact from '../wasm/exact-special.ts';

const noise = new Noise(9);

function between(from: number, to: number, count = 60): number[] {
  return Array.from({ length: count }, () => from + (to - from) * noise.uniform());
}

const cases = [
  {
    name: 'erf',
    f: reference.erf,
    g: exact.erf,
    points: [...between(-6, 6), ...between(2.4, 2.6), 1e-310, 1e-9],
  },
  {
    name: 'erfc',
    f: reference.erfc,
    g: exact.erfc,
    points: [...between(-6, 6), ...between(2.4, 2.6), ...between(6, 27), 1e-9],
  },
  {
    name: 'erfinv',
    f: reference.erfinv,
    g: exact.erfinv,
    points: [...between(-1, 1), ...between(0.999, 1), 1 - 2 ** -53, 1e-8, 1e-310],
  },
  {
    name: 'lgamma',
    f: reference.lgamma,
    g: exact.lgamma,
    points: [
      ...between(0, 40),
      ...between(0.9, 2.1),
      1 + 2 ** -52,
      2 - 2 ** -52,
      1e-310,
      1e17,
      2e305,
    ],
  },
  {
    name: 'digamma',
    f: reference.digamma,
    g: exact.digamma,
    points: [...between(0, 40), ...between(1.4, 1.5), 1e-9, 1e17, 1e300],
  },
];

describe.each(cases)('the reference of $name', ({ name, f, g, points }) => {
  test('is within 1.5 ulp', () => {
    for (const x of points) {
      const error = ulps(f(x), g(x), 'float64');
      expect(error, `${name}(${x})`).toBeLessThanOrEqual(1.5);
    }
  });
});

test.each([
  { name: 'lgamma', f: reference.lgamma, g: exact.lgamma },
  { name: 'digamma', f: reference.digamma, g: exact.digamma },
])('the reference of $name holds below 0, away from zeros', ({ name, f, g }) => {
  const points = between(-30, 0).filter((x) => Math.abs(f(x)) > 1);
  expect(points.length).toBeGreaterThan(20);
  for (const x of points) {
    expect(ulps(f(x), g(x), 'float64'), `${name}(${x})`).toBeLessThanOrEqual(1.5);
  }
});
