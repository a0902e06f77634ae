import {
  grad,
  hvp,
  jacrev,
  jit,
  jvp,
  linalg,
  matmul,
  mul,
  ShapeError,
  type Tensor,
  tensor,
  vmap,
} from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';
import {
  difference,
  frank,
  graded,
  hilbert,
  kahan,
  largest,
  matrix,
  noise,
  product,
  type Rows,
  scaled,
  transposed,
  withValues,
} from './matrix-cases.ts';

const dtypes = ['float64', 'float32'] as const;
const units = { float64: 2 ** -53, float32: 2 ** -24 } as const;

function rowsOf(x: Tensor): number[][] {
  const [m = 0, n = 0] = x.shape;
  const data = x.dataSync();
  return matrix(m, n, (i, j) => data[i * n + j] ?? Number.NaN);
}

function numbers(x: Tensor): number[] {
  return [...x.dataSync()];
}

function identity(n: number): number[][] {
  return matrix(n, n, (i, j) => Number(i === j));
}

const cases: readonly (readonly [string, Rows])[] = [
  ['one element', [[-3]]],
  ['a row', [[3, 0, -4]]],
  ['a column', [[3], [0], [-4]]],
  ['zeros', matrix(4, 3, () => 0)],
  ['ones', matrix(3, 6, () => 1)],
  ['the identity', identity(5)],
  ['a diagonal out of order', matrix(5, 5, (i, j) => (i === j ? ((i * 3) % 5) - 2 : 0))],
  ["Hilbert's matrix", hilbert(8, 5)],
  ["Frank's matrix", frank(9)],
  ["Kahan's matrix", kahan(24, 0.6)],
  ['graded rows', graded(12)],
  [
    'rows graded the other way',
    graded(12)
      .toReversed()
      .map((row) => row.toReversed()),
  ],
  ['a column of zeros', matrix(6, 5, (i, j) => (j === 2 ? 0 : Math.sin(3 * i + j * j)))],
  [
    'an upper bidiagonal matrix with a zero',
    matrix(6, 6, (i, j) => (i === j ? (i === 3 ? 0 : 1) : Number(j === i + 1))),
  ],
  ['clusters', withValues(9, 7, [2, 2, 2, 1 + 1e-14, 1, 1e-15, 0], 1)],
  ['rank 3', withValues(40, 30, [5, 3, 1e-3], 2)],
  // In float32 the squares of the small ones are denormal.
  ['elements of all sizes', matrix(9, 5, (i, j) => 10 ** -((7 * i + 11 * j) % 41))],
  ['random numbers', noise(33, 21, 3)],
  ['more random numbers', noise(70, 131, 4)],
];

function expectDecomposed(
  a: Rows,
  [u, s, vt]: readonly [Rows, readonly number[], Rows],
  unit: number,
): void {
  const n = Math.max(a.length, a[0]?.length ?? 0);
  const made = product(
    u.map((row) => s.map((value, j) => value * (row[j] ?? 0))),
    vt.slice(0, s.length),
  );
  expect(largest(difference(made, a))).toBeLessThanOrEqual(12 * n * unit * (s[0] ?? 0));
  expect(largest(difference(product(transposed(u), u), identity(u[0]?.length ?? 0)))).toBeLessThan(
    12 * n * unit,
  );
  expect(largest(difference(product(vt, transposed(vt)), identity(vt.length)))).toBeLessThan(
    12 * n * unit,
  );
  expect([...s].sort((x, y) => y - x)).toEqual([...s]);
  expect(s.every((value) => value >= 0)).toBe(true);
}

describe.each(dtypes)('singular values and vectors in %s', (dtype) => {
  test.each(cases)('make up %s, and are orthogonal', (_, a) => {
    const x = tensor(a, { dtype });
    for (const fullMatrices of [false, true]) {
      const [u, s, vt] = linalg.svd(x, { fullMatrices });
      const [m, n, k] = [a.length, a[0]?.length ?? 0, s.size];
      expect([u.shape, vt.shape]).toEqual(
        fullMatrices
          ? [
              [m, m],
              [n, n],
            ]
          : [
              [m, k],
              [k, n],
            ],
      );
      expectDecomposed(rowsOf(x), [rowsOf(u), numbers(s), rowsOf(vt)], units[dtype]);
      numbers(linalg.svdvals(x)).forEach((value, i) => {
        const allowed = 8 * m * units[dtype] * (numbers(s)[0] ?? 0);
        expect(Math.abs(value - (numbers(s)[i] ?? Number.NaN))).toBeLessThanOrEqual(allowed);
      });
    }
  });

  test.each(dtype === 'float64' ? [1e300, 1e-300, 1e-308] : [1e37, 1e-37])(
    'are those of a matrix times %f',
    (by) => {
      const x = tensor(scaled(noise(7, 5, 5), by), { dtype });
      const [u, s, vt] = linalg.svd(x);
      const least = dtype === 'float64' ? 2 ** -1074 : 2 ** -149;
      expectDecomposed(
        scaled(rowsOf(x), 1 / by),
        [rowsOf(u), numbers(s).map((value) => value / by), rowsOf(vt)],
        Math.max(units[dtype], least / by),
      );
    },
  );

  test('are NaN where the matrix is not finite, and only in that entry of a batch', () => {
    for (const bad of [Number.NaN, Number.NEGATIVE_INFINITY]) {
      const good = noise(4, 3, 6);
      const spoilt = good.map((row, i) => row.map((x, j) => (i === 2 && j === 1 ? bad : x)));
      const [u, s, vt] = linalg.svd(tensor([spoilt, good], { dtype }));
      for (const part of [u.at(0), s.at(0), vt.at(0)])
        expect(numbers(part).every(Number.isNaN)).toBe(true);
      expectDecomposed(
        rowsOf(tensor(good, { dtype })),
        [rowsOf(u.at(1)), numbers(s.at(1)), rowsOf(vt.at(1))],
        units[dtype],
      );
    }
  });
});

test.each([
  [
    "Hilbert's matrix",
    hilbert(8, 5),
    [
      1.626007635002475, 0.2470901678231954, 0.017009294624457647, 6.544228236482479e-4,
      1.2973979232727292e-5,
    ],
  ],
  [
    "Frank's matrix",
    frank(9),
    [
      28.968235113760883, 10.628386243917031, 6.208667405929447, 4.302809485190519,
      3.2399273019669557, 2.424614876039693, 1.6386899127693133, 0.8693957506316256,
      0.000010863450687771128,
    ],
  ],
] as const)('singular values of %s are those of 60 digits', (_, a, expected) => {
  const s = numbers(linalg.svdvals(a));
  expected.forEach((value, i) => {
    expect(Math.abs((s[i] ?? Number.NaN) - value)).toBeLessThan(
      4 * a.length * units.float64 * expected[0],
    );
  });
});

test('singular vectors have a sign: the first of the large elements of u is positive', () => {
  for (const [m, n] of [
    [5, 3],
    [3, 5],
  ] as const) {
    const [u] = linalg.svd(noise(m, n, 7));
    for (const column of transposed(rowsOf(u))) {
      const most = Math.max(...column.map(Math.abs));
      expect(column.find((x) => Math.abs(x) >= 0.9 * most)).toBeGreaterThan(0);
    }
  }
});

test('batches, vmap and jit give what single calls give', () => {
  const all = tensor([1, 2, 3].map((seed) => noise(5, 4, seed)));
  const mapped = vmap((x: Tensor) => linalg.svd(x))(all);
  const compiled = jit((x: Tensor) => linalg.svd(x))(all);
  for (const results of [linalg.svd(all), mapped, compiled]) {
    const alone = linalg.svd(all.at(2));
    results.forEach((part, i) => {
      expect(part.at(2).toArray()).toEqual(alone[i]?.toArray());
    });
  }
});

test('wrong arguments are told', () => {
  expect(() => linalg.svd([1, 2])).toThrow(ShapeError);
  expect(() => linalg.svdvals(3)).toThrow(/linalg.svdvals: the argument has shape \[\]/);
  const misspelt: object = { full: true };
  expect(() => linalg.svd([[1]], misspelt)).toThrow(/there is no option 'full'/);
});

describe('derivatives', () => {
  test.each([
    [4, 4],
    [5, 3],
    [3, 5],
  ] as const)('of %i by %i matrices pass the checks to order 2', (m, n) => {
    const values = Array.from({ length: Math.min(m, n) }, (_, i) => 3 - 0.7 * i);
    const a = tensor(withValues(m, n, values, 8));
    checkGrads(linalg.svdvals, [a], { order: 2 });
    checkGrads((x: Tensor) => linalg.svd(x)[0], [a], { order: 2 });
    checkGrads(
      jit((x: Tensor) => linalg.svd(x)[2]),
      [a],
      { order: 2 },
    );
    checkGrads(
      (x: Tensor) => {
        const [u, s, vt] = linalg.svd(x);
        return matmul(mul(u, s.pow(2)), vt);
      },
      [a],
      { order: 2 },
    );
  });

  test('of the nuclear norm are u vt, at equal singular values too', () => {
    const a = withValues(4, 3, [2, 2, 1], 9);
    const [u, , vt] = linalg.svd(a);
    const gradient = grad((x: Tensor) => linalg.norm(x, { ord: 'nuc' }))(tensor(a));
    expect(largest(difference(rowsOf(gradient), rowsOf(matmul(u, vt))))).toBeLessThan(1e-14);
  });

  test('of the orthogonal factor u vt are right at equal singular values, to order 2', () => {
    const polar = (x: Tensor): Tensor => {
      const [u, , vt] = linalg.svd(x);
      return matmul(u, vt);
    };
    // At a multiple c of the identity the tangent is the skew part over c.
    const direction = noise(4, 4, 10);
    const [, tangent] = jvp(polar, [tensor(scaled(identity(4), 2))], [tensor(direction)]);
    const skew = scaled(difference(direction, transposed(direction)), 1 / 4);
    expect(largest(difference(rowsOf(tangent), skew))).toBeLessThan(1e-15);
    for (const [m, n] of [
      [4, 4],
      [5, 4],
      [4, 6],
    ] as const) {
      checkGrads(polar, [tensor(withValues(m, n, [3, 3, 1, 1], 11))], { order: 2 });
    }
  });

  test('of the nuclear norm are right at equal singular values, to order 2', () => {
    const norm = (x: Tensor): Tensor => linalg.norm(x, { ord: 'nuc' });
    const a = tensor(withValues(4, 4, [3, 3, 3, 1], 12));
    checkGrads(norm, [a], { order: 2 });
    const direction = tensor(noise(4, 4, 13));
    expect(numbers(hvp(norm, a, direction)).every(Number.isFinite)).toBe(true);
  });

  test('of projections on spaces of whole bases are right, to order 2', () => {
    const others = (x: Tensor): Tensor => {
      const [u] = linalg.svd(x, { fullMatrices: true });
      const rest = u.at(null, [2, 5]);
      return matmul(rest, rest.transpose([1, 0]));
    };
    checkGrads(others, [tensor(withValues(5, 2, [2, 1], 14))], { order: 2 });
    // I - A A^+ is the same.
    const a = tensor(noise(5, 2, 15));
    const direction = tensor(noise(5, 2, 16));
    const [, tangent] = jvp(others, [a], [direction]);
    const [, expected] = jvp((x: Tensor) => mul(matmul(x, linalg.pinv(x)), -1), [a], [direction]);
    expect(largest(difference(rowsOf(tangent), rowsOf(expected)))).toBeLessThan(1e-13);
  });

  test('are finite where singular values are equal or 0', () => {
    for (const values of [
      [2, 2, 2],
      [1, 0, 0],
      [0, 0, 0],
    ]) {
      const a = tensor(withValues(4, 3, values, 17));
      for (const part of [0, 1, 2] as const) {
        const jacobian = jacrev((x: Tensor) => linalg.svd(x)[part])(a);
        expect(numbers(jacobian).every(Number.isFinite)).toBe(true);
      }
    }
  });
});
