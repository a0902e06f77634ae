// Accuracy of the compiled special functions, in units in the last place of the exact value.

import {
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atan2,
  atanh,
  cosh,
  digamma,
  erf,
  erfc,
  erfinv,
  hypot,
  lgamma,
  log2,
  log10,
  mod,
  rsqrt,
  sinh,
  softplus,
  type Tensor,
  tensor,
} from '@grad/core';
import { describe, expect, test } from 'vitest';
import { Noise } from '../../src/backends/reference/noise.ts';
import { type Exact, exactly, plus, ulps } from '../wasm/exact.ts';
import * as exact from '../wasm/exact-special.ts';

type Float = 'float64' | 'float32';

const floats = ['float64', 'float32'] as const;
const count = 500;
const noise = new Noise(2026);

function uniform(): number {
  return noise.uniform() + noise.uniform() / 2 ** 32;
}

function between(from: number, to: number, n = count): number[] {
  return Array.from({ length: n }, () => from + (to - from) * uniform());
}

/** Magnitudes spread evenly over the exponents. */
function sizes(from: number, to: number, n = count): number[] {
  return Array.from(
    { length: n },
    () => (1 + uniform()) * 2 ** Math.floor(from + (to - from) * uniform()),
  );
}

function signed(values: readonly number[]): number[] {
  return values.map((x) => (uniform() < 0.5 ? -x : x));
}

/** Points at all distances from `center`. */
function around(center: number, digits: number): number[] {
  return signed(sizes(-digits, -1)).map((d) => center + d);
}

const range = {
  float64: { lowest: -1074, highest: 1023, digits: 52 },
  float32: { lowest: -149, highest: 127, digits: 23 },
} as const;

type Points = (type: Float) => readonly number[];

interface Case {
  readonly name: string;
  readonly f: (x: Tensor) => Tensor;
  readonly reference: (x: number) => Exact;
  readonly points: Points;
}

const arcs: Points = (type) => [
  ...between(-1, 1),
  ...between(0.49, 0.51),
  ...signed(sizes(range[type].lowest, -1)),
  ...signed(sizes(-range[type].digits, -1).map((d) => 1 - d)),
  1,
  -1,
];

const growing: Points = (type) => {
  const end = type === 'float64' ? 710.5 : 89.5;
  return [...between(-end, end), ...between(-3, 3), ...signed(sizes(range[type].lowest, 6))];
};

const positive: Points = (type) => [
  ...between(0, 5),
  ...between(0, 40),
  ...sizes(range[type].lowest, range[type].highest),
];

const cases: readonly Case[] = [
  { name: 'asin', f: asin, reference: exact.asin, points: arcs },
  { name: 'acos', f: acos, reference: exact.acos, points: arcs },
  {
    name: 'atan',
    f: atan,
    reference: exact.atan,
    points: (type) => [
      ...between(-4, 4),
      ...signed(sizes(range[type].lowest, range[type].highest)),
      ...[0.4375, 0.6875, 1.1875, 2.4375].flatMap((x) => between(0.99 * x, 1.01 * x, 50)),
    ],
  },
  { name: 'sinh', f: sinh, reference: exact.sinh, points: growing },
  { name: 'cosh', f: cosh, reference: exact.cosh, points: growing },
  {
    name: 'asinh',
    f: asinh,
    reference: exact.asinh,
    points: (type) => [
      ...between(-5, 5),
      ...between(-1e5, 1e5),
      ...signed(sizes(range[type].lowest, range[type].highest)),
    ],
  },
  {
    name: 'acosh',
    f: acosh,
    reference: exact.acosh,
    points: (type) => [
      ...between(1, 5),
      ...between(1, 1e5),
      ...sizes(-range[type].digits, 1).map((d) => 1 + d),
      ...sizes(1, range[type].highest),
    ],
  },
  {
    name: 'atanh',
    f: atanh,
    reference: exact.atanh,
    points: (type) => [
      ...between(-1, 1),
      ...signed(sizes(range[type].lowest, -1)),
      ...signed(sizes(-range[type].digits, -1).map((d) => 1 - d)),
    ],
  },
  ...[
    { name: 'log2', f: log2, reference: exact.log2 },
    { name: 'log10', f: log10, reference: exact.log10 },
  ].map((each) => ({
    ...each,
    points: (type: Float) => [
      ...between(0.5, 2),
      ...between(0.999, 1.001),
      ...sizes(range[type].lowest, range[type].highest),
    ],
  })),
  {
    name: 'softplus',
    f: softplus,
    reference: exact.softplus,
    points: (type) => [
      ...between(-40, 40),
      ...between(type === 'float64' ? -745 : -104, 0),
      ...between(-1, 1),
    ],
  },
  {
    name: 'rsqrt',
    f: rsqrt,
    reference: exact.rsqrt,
    points: (type) => [...between(0, 4), ...sizes(range[type].lowest, range[type].highest)],
  },
  {
    name: 'erf',
    f: erf,
    reference: exact.erf,
    points: (type) => [
      ...between(-3, 3),
      ...between(0.4, 0.6),
      ...signed(sizes(range[type].lowest, 2)),
    ],
  },
  {
    name: 'erfc',
    f: erfc,
    reference: exact.erfc,
    points: (type) => [
      ...between(-6, 6),
      ...between(0.2, 0.6),
      ...between(6, type === 'float64' ? 27.3 : 10.1, 250),
      ...signed(sizes(-60, 1)),
    ],
  },
  {
    name: 'erfinv',
    f: erfinv,
    reference: exact.erfinv,
    points: (type) => [
      ...between(-1, 1),
      ...between(0.49, 0.51, 100),
      ...signed(sizes(range[type].lowest, -1, 250)),
      ...signed(sizes(-range[type].digits, -2).map((d) => 1 - d)),
    ],
  },
  {
    name: 'lgamma',
    f: lgamma,
    reference: exact.lgamma,
    points: (type) => [
      ...positive(type),
      ...around(1, range[type].digits),
      ...around(2, range[type].digits),
      ...between(1.4, 1.6),
      ...between(2.4, 2.6),
    ],
  },
  {
    name: 'digamma',
    f: digamma,
    reference: exact.digamma,
    points: (type) => [
      ...positive(type),
      ...around(1.4616321449683622, range[type].digits),
      ...between(0.9, 2.1),
    ],
  },
];

function evaluated(type: Float, values: readonly number[], f: (x: Tensor) => Tensor) {
  const data = type === 'float64' ? Float64Array.from(values) : Float32Array.from(values);
  const result = f(tensor(data));
  expect(result.dtype).toBe(type);
  return { xs: [...data], ys: [...result.dataSync()] };
}

/** The largest of the errors, and where it is. */
function worst(errors: readonly number[]): readonly [error: number, at: number] {
  const error = errors.reduce((most, each) => Math.max(most, each), 0);
  return [error, errors.indexOf(error)];
}

describe.each(cases)('$name', ({ name, f, reference, points }) => {
  test.each(floats)('in %s is within 2 ulp over the whole range', (type) => {
    const inside = points(type).filter((x) => (type === 'float64' ? x : Math.fround(x)) !== 0);
    const { xs, ys } = evaluated(type, inside, f);
    const [error, i] = worst(ys.map((y, k) => ulps(y, reference(xs[k] ?? 0), type)));
    expect(error, `${name}(${xs[i]}) = ${ys[i]}`).toBeLessThanOrEqual(2);
  });
});

/** Error in units in the last place of 1 or of the value, whichever is more. */
function mixedUlps(computed: number, value: Exact, type: Float): number {
  const { m, e } = value;
  const large = plus({ m: m < 0n ? -m : m, e }, { m: -1n, e: 0 }).m >= 0n;
  if (large) return ulps(computed, value, type);
  const difference = plus(exactly(computed), { m: -m, e });
  const scale = difference.e + range[type].digits + 40;
  const units = scale >= 0 ? difference.m << BigInt(scale) : difference.m >> BigInt(-scale);
  return Math.abs(Number(units)) / 2 ** 40;
}

/** Doubles around points where |gamma| is 1, between negative whole numbers. */
const zerosOfLgamma = [
  -2.4570247382208006, -2.7476826467274127, -3.1435808883499798, -3.955294284858598,
  -4.039361839740537, -4.991544640560048, -5.008218168808426, -5.998607480080876,
];

describe.each([
  { name: 'lgamma', f: lgamma, reference: exact.lgamma },
  { name: 'digamma', f: digamma, reference: exact.digamma },
])('$name of negative numbers', ({ name, f, reference }) => {
  test.each(floats)('in %s is within 2 ulp of the value or of 1', (type) => {
    const near = zerosOfLgamma.flatMap((x) =>
      [-4, -2, -1, 0, 1, 2, 4].map((k) => x * (1 + k * 2 ** -52)),
    );
    const poles = between(1, 25, 200).flatMap((x) =>
      signed(sizes(-40, -1, 1)).map((d) => d - Math.floor(x)),
    );
    const points = [
      ...between(-20, 0),
      ...sizes(-60, 45).map((x) => -x),
      ...sizes(range[type].lowest, -60, 40).map((x) => -x),
      ...near,
      ...poles,
    ];
    const whole = (x: number): boolean => Number.isInteger(type === 'float64' ? x : Math.fround(x));
    const { xs, ys } = evaluated(
      type,
      points.filter((x) => !whole(x)),
      f,
    );
    const [error, i] = worst(ys.map((y, k) => mixedUlps(y, reference(xs[k] ?? 0), type)));
    expect(error, `${name}(${xs[i]}) = ${ys[i]}`).toBeLessThanOrEqual(2);
  });
});

describe.each([
  { name: 'atan2', f: atan2, reference: exact.atan2, span: 40 },
  { name: 'mod', f: mod, reference: exact.mod, span: 1000 },
  { name: 'hypot', f: hypot, reference: exact.hypot, span: 40 },
])('$name', ({ name, f, reference, span }) => {
  test.each(floats)('in %s is within 2 ulp over the whole range', (type) => {
    const { lowest, highest } = range[type];
    const far = Math.min(span, highest);
    const first = [
      ...between(-9, 9),
      ...signed(sizes(-far, far)),
      ...signed(sizes(lowest, lowest + 30)),
    ];
    const second = [
      ...signed(between(0.3, 3)),
      ...signed(sizes(-far, far)),
      ...signed(sizes(lowest, lowest + 30)),
    ];
    const make = (values: readonly number[]) =>
      type === 'float64' ? Float64Array.from(values) : Float32Array.from(values);
    const [a, b] = [make(first), make(second)];
    const ys = f(tensor(a), tensor(b)).dataSync();
    const errors = Array.from(ys, (y, i) => {
      const [x1 = 0, x2 = 0] = [a[i], b[i]];
      return x1 === 0 || x2 === 0 ? 0 : ulps(y, reference(x1, x2), type);
    });
    const [error, i] = worst(errors);
    expect(error, `${name}(${a[i]}, ${b[i]}) = ${ys[i]}`).toBeLessThanOrEqual(2);
  });
});
