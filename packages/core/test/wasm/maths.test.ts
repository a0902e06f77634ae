import { describe, expect, test } from 'vitest';
import type { MathFunction } from '../../src/kernel/expr.ts';
import { math } from '../../src/kernel/maths/by-name.ts';
import type { Data } from '../../src/tensor/dtype.ts';
import * as exact from './exact.ts';
import { buffer, load, loopOf, parallel, runModule, store } from './harness.ts';

type Float = 'float64' | 'float32';

/** The compiled function on many arguments. */
function apply(fn: MathFunction, type: Float, ...args: readonly number[][]): Data {
  const size = args[0]?.length ?? 0;
  const inputs = args.map((_, i) => buffer(`x${i}`, type, size));
  const output = buffer('y', type, size);
  const i = loopOf('i', size);
  const [first, ...others] = inputs.map((input) => load(input, i));
  if (!first) throw new Error('no arguments');
  const { outputs } = runModule(
    {
      main: [parallel(i, store(output, i, math(fn, first, ...others)))],
      inputs,
      outputs: [output],
    },
    args.map((values) =>
      type === 'float64' ? Float64Array.from(values) : Float32Array.from(values),
    ),
  );
  const [result] = outputs;
  if (!result) throw new Error('no result');
  return result;
}

/** A repeatable stream of numbers in [0, 1). */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const high = state;
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (high + state / 2 ** 32) / 2 ** 32;
  };
}

function rounded(type: Float, values: readonly number[]): number[] {
  return type === 'float64' ? [...values] : values.map(Math.fround);
}

function between(count: number, from: number, to: number, seed: number): number[] {
  const next = uniform(seed);
  return Array.from({ length: count }, () => from + (to - from) * next());
}

/** Magnitudes spread evenly over the exponents from 2^from to 2^to, with both signs if asked. */
function magnitudes(count: number, from: number, to: number, seed: number, signs = true): number[] {
  const next = uniform(seed);
  return Array.from({ length: count }, () => {
    const size = (1 + next()) * 2 ** Math.floor(from + (to - from) * next());
    return signs && next() < 0.5 ? -size : size;
  });
}

interface Case {
  readonly reference: (x: number) => exact.Exact;
  readonly arguments: { readonly [F in Float]: readonly number[] };
}

const count = 1500;
const everywhere = {
  float64: magnitudes(count, -1074, 1023, 1),
  float32: magnitudes(count, -149, 127, 2),
};

const functions = [
  'exp',
  'expm1',
  'log',
  'log1p',
  'sigmoid',
  'tanh',
  'sin',
  'cos',
  'tan',
] as const satisfies readonly MathFunction[];

const cases: { readonly [F in (typeof functions)[number]]: Case } = {
  exp: {
    reference: exact.exp,
    arguments: {
      float64: [
        ...between(count, -746, 710, 3),
        ...between(count, -2, 2, 4),
        ...magnitudes(count, -60, 9, 5),
      ],
      float32: [
        ...between(count, -104, 89, 3),
        ...between(count, -2, 2, 4),
        ...magnitudes(count, -40, 6, 5),
      ],
    },
  },
  expm1: {
    reference: exact.expm1,
    arguments: {
      float64: [
        ...between(count, -50, 710, 6),
        ...between(count, -2, 2, 7),
        ...magnitudes(count, -1074, 9, 8),
      ],
      float32: [
        ...between(count, -20, 89, 6),
        ...between(count, -2, 2, 7),
        ...magnitudes(count, -149, 6, 8),
      ],
    },
  },
  log: {
    reference: exact.log,
    arguments: {
      float64: [
        ...magnitudes(count, -1074, 1023, 9, false),
        ...between(count, 0.5, 2, 10),
        ...between(count, 0.999, 1.001, 11),
      ],
      float32: [
        ...magnitudes(count, -149, 127, 9, false),
        ...between(count, 0.5, 2, 10),
        ...between(count, 0.999, 1.001, 11),
      ],
    },
  },
  log1p: {
    reference: exact.log1p,
    arguments: {
      float64: [
        ...magnitudes(count, -1074, 1023, 12, false),
        ...between(count, -1, 2, 13),
        ...magnitudes(count, -60, -2, 14),
      ],
      float32: [
        ...magnitudes(count, -149, 127, 12, false),
        ...between(count, -1, 2, 13),
        ...magnitudes(count, -40, -2, 14),
      ],
    },
  },
  sigmoid: {
    reference: exact.sigmoid,
    arguments: {
      float64: [...between(count, -745, 40, 15), ...between(4 * count, -6, 3, 16)],
      float32: [...between(count, -104, 20, 15), ...between(count, -4, 4, 16)],
    },
  },
  tanh: {
    reference: exact.tanh,
    arguments: {
      float64: [
        ...between(count, -20, 20, 17),
        ...between(count, -1, 1, 18),
        ...magnitudes(count, -1074, 1, 19),
      ],
      float32: [
        ...between(count, -10, 10, 17),
        ...between(count, -1, 1, 18),
        ...magnitudes(count, -149, 1, 19),
      ],
    },
  },
  sin: { reference: exact.sin, arguments: trigonometricArguments(20) },
  cos: { reference: exact.cos, arguments: trigonometricArguments(30) },
  tan: { reference: exact.tan, arguments: trigonometricArguments(40) },
};

const { POSITIVE_INFINITY: inf, NaN: nan } = Number;

/** Exact values at arguments where there are any. */
const specials: { readonly [F in (typeof functions)[number]]: { readonly [x: string]: number } } = {
  exp: { '0': 1, Infinity: inf, '-Infinity': 0, NaN: nan, '1e4': inf, '-1e4': 0 },
  expm1: { '0': 0, Infinity: inf, '-Infinity': -1, NaN: nan, '1e4': inf, '-1e4': -1 },
  log: { '0': -inf, '1': 0, '-1': nan, Infinity: inf, '-Infinity': nan, NaN: nan },
  log1p: { '0': 0, '-1': -inf, '-2': nan, Infinity: inf, '-Infinity': nan, NaN: nan },
  sigmoid: { '0': 0.5, Infinity: 1, '-Infinity': 0, NaN: nan, '1e4': 1, '-1e4': 0 },
  tanh: { '0': 0, Infinity: 1, '-Infinity': -1, NaN: nan, '1e4': 1, '-1e4': -1 },
  sin: { '0': 0, Infinity: nan, '-Infinity': nan, NaN: nan },
  cos: { '0': 1, Infinity: nan, '-Infinity': nan, NaN: nan },
  tan: { '0': 0, Infinity: nan, '-Infinity': nan, NaN: nan },
};

const negativeZero: { readonly [F in (typeof functions)[number]]: number } = {
  exp: 1,
  expm1: -0,
  log: -inf,
  log1p: -0,
  sigmoid: 0.5,
  tanh: -0,
  sin: -0,
  cos: 1,
  tan: -0,
};

function trigonometricArguments(seed: number): Case['arguments'] {
  const multiples = Array.from({ length: 400 }, (_, i) => (i * 397 * Math.PI) / 2);
  const near = [
    ...between(count, -7, 7, seed),
    ...between(count, -2e6, 2e6, seed + 1),
    ...multiples,
  ];
  return {
    float64: [...near, ...everywhere.float64, 6381956970095103 * 2 ** 797],
    float32: [...near, ...everywhere.float32],
  };
}

/** Largest error in units in the last place, and where. */
function worst(
  type: Float,
  computed: Data,
  reference: (i: number) => exact.Exact,
): { readonly error: number; readonly i: number } {
  let error = 0;
  let i = 0;
  computed.forEach((y, j) => {
    const here = exact.ulps(y, reference(j), type);
    if (here > error) {
      error = here;
      i = j;
    }
  });
  return { error, i };
}

const floats = ['float64', 'float32'] as const;

describe.each(functions)('%s', (fn) => {
  const { reference, arguments: args } = cases[fn];

  test.each(floats)('in %s is within 2 ulp over the whole range', (type) => {
    const values = rounded(type, args[type]).filter((x) => x !== 0);
    const { error, i } = worst(type, apply(fn, type, values), (j) => reference(values[j] ?? 0));
    expect(error, `${fn}(${values[i]})`).toBeLessThanOrEqual(2);
  });

  test.each(floats)('in %s has the right values at special arguments', (type) => {
    const inputs = Object.keys(specials[fn]).map(Number);
    expect([...apply(fn, type, inputs)]).toEqual(Object.values(specials[fn]));
    // A key of an object cannot tell -0 from 0.
    expect([...apply(fn, type, [-0])]).toEqual([negativeZero[fn]]);
  });
});

describe('pow', () => {
  test.each(floats)('in %s is within 2 ulp over the whole range', (type) => {
    const [lowest, highest, digits] = type === 'float64' ? [-1074, 1023, 52] : [-149, 127, 23];
    const next = uniform(50);
    const xs: number[] = [];
    const ys: number[] = [];
    const add = (x: number, y: number): void => {
      if (x <= 0 || x === 1) return;
      xs.push(x);
      ys.push(y);
    };
    const anywhere = rounded(type, magnitudes(2000, lowest, highest, 51, false));
    for (const x of [
      ...anywhere,
      ...rounded(type, between(2000, 0.5, 2, 52)),
      ...rounded(type, between(1000, 1 - 2 ** -(digits - 8), 1 + 2 ** -(digits - 8), 53)),
    ]) {
      // The exponent of the result is anywhere between underflow and overflow.
      const target = lowest - 1 + (highest + 2 - lowest) * next();
      const [y = 0] = rounded(type, [target / Math.log2(x)]);
      if (Number.isFinite(y)) add(x, y);
      add(x, Math.floor(20 * next()) - 10);
    }
    const { error, i } = worst(type, apply('pow', type, xs, ys), (j) =>
      exact.pow(xs[j] ?? 0, ys[j] ?? 0),
    );
    expect(error, `pow(${xs[i]}, ${ys[i]})`).toBeLessThanOrEqual(2);
  });

  test.each(floats)('in %s has the right values at special arguments', (type) => {
    const all = [0, -0, 1, -1, 0.5, -0.5, 2, -2, 3, -3, 1.5, 1e30, -1e30, inf, -inf, nan];
    const pairs = all.flatMap((x) => all.map((y) => [x, y] as const));
    const computed = apply(
      'pow',
      type,
      pairs.map(([x]) => x),
      pairs.map(([, y]) => y),
    );
    pairs.forEach(([x, y], i) => {
      // JavaScript differs from the C standard where |x| = 1.
      const one = x === 1 || (x === -1 && !Number.isFinite(y) && !Number.isNaN(y));
      const expected = one ? 1 : x ** y;
      const [value = Number.NaN] = rounded(type, [expected]);
      const scale = Number.isFinite(value) && value !== 0 ? Math.abs(value) : 1;
      const unit = type === 'float64' ? 2 ** -51 : 2 ** -22;
      const got = computed[i] ?? Number.NaN;
      const same = Object.is(got, value) || Math.abs(got - value) <= unit * scale;
      expect(same, `pow(${x}, ${y}) = ${got}, not ${value}`).toBe(true);
      if (value === 0) expect(Object.is(got, value), `pow(${x}, ${y}) = ${got}`).toBe(true);
    });
  });
});
