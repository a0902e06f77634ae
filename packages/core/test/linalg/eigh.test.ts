import {
  ConvergenceError,
  grad,
  hessian,
  hvp,
  jacrev,
  jit,
  jvp,
  linalg,
  matmul,
  mul,
  ShapeError,
  sum,
  type Tensor,
  tensor,
  vmap,
} from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';
import { constant } from '../../src/kernel/scalars.ts';
import { type CallablePrimitive, definePrimitive } from '../../src/primitives/define.ts';
import { vectorAt } from '../../src/primitives/kernel-matrix.ts';
import { iterateQl } from '../../src/primitives/tridiagonal-ql.ts';
import { tensorType } from '../../src/tensor/type.ts';
import {
  difference,
  graded,
  hilbert,
  largest,
  matrix,
  noise,
  product,
  type Rows,
  scaled,
  transposed,
  wilkinson,
  withEigenvalues,
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

const cases: readonly (readonly [string, Rows])[] = [
  ['one element', [[-3]]],
  [
    'a pair',
    [
      [2, 1],
      [1, 2],
    ],
  ],
  ['zeros', matrix(4, 4, () => 0)],
  ['ones', matrix(6, 6, () => 1)],
  ['the identity', matrix(5, 5, (i, j) => Number(i === j))],
  ['a diagonal out of order', matrix(5, 5, (i, j) => (i === j ? ((i * 3) % 5) - 2 : 0))],
  ["Wilkinson's matrix", wilkinson(21)],
  ["Hilbert's matrix", hilbert(10, 10)],
  ['graded rows', graded(12)],
  [
    'rows graded the other way',
    graded(12)
      .toReversed()
      .map((row) => row.toReversed()),
  ],
  // In float32 the squares of the small ones are denormal.
  ['elements of all sizes', symmetric(matrix(9, 9, (i, j) => 10 ** -((7 * i + 11 * j) % 41)))],
  ['clusters', withEigenvalues([1, 1 + 1e-14, 1 + 2e-14, 2, 2, 2, 3, 1e-15, -1e-15], 1)],
  ['a matrix of rank 2', withEigenvalues([5, -3, ...Array.from({ length: 40 }, () => 0)], 2)],
  ['random numbers', symmetric(noise(33, 33, 3))],
  ['more random numbers', symmetric(noise(131, 131, 4))],
];

function symmetric(a: Rows): number[][] {
  return matrix(a.length, a.length, (i, j) => ((a[i]?.[j] ?? 0) + (a[j]?.[i] ?? 0)) / 2);
}

/** How far w and v are from eigenvalues and eigenvectors, in rounding units of the largest element. */
function expectDecomposed(a: Rows, w: readonly number[], v: Rows, unit: number): void {
  const n = a.length;
  const size = largest(a);
  const moved = product(a, v);
  const stretched = v.map((row) => row.map((x, j) => x * (w[j] ?? 0)));
  const identity = matrix(n, n, (i, j) => Number(i === j));
  expect(largest(difference(moved, stretched))).toBeLessThanOrEqual(12 * n * unit * size);
  expect(largest(difference(product(transposed(v), v), identity))).toBeLessThan(12 * n * unit);
  expect([...w].sort((x, y) => x - y)).toEqual([...w]);
}

describe.each(dtypes)('eigenvalues and eigenvectors in %s', (dtype) => {
  test.each(cases)('solve the equation of %s, and are orthogonal', (_, a) => {
    const x = tensor(a, { dtype });
    const [w, v] = linalg.eigh(x);
    expectDecomposed(rowsOf(x), numbers(w), rowsOf(v), units[dtype]);
    const alone = numbers(linalg.eigvalsh(x));
    const size = largest(a);
    numbers(w).forEach((value, i) => {
      expect(Math.abs(value - (alone[i] ?? Number.NaN))).toBeLessThanOrEqual(
        8 * a.length * units[dtype] * size,
      );
    });
  });

  test.each(dtype === 'float64' ? [1e300, 1e-300, 1e-308] : [1e37, 1e-37])(
    'are those of a matrix times %f',
    (by) => {
      const a = scaled(symmetric(noise(9, 9, 5)), by);
      const x = tensor(a, { dtype });
      const [w, v] = linalg.eigh(x);
      // Numbers near the smallest have fewer digits, in the matrix and in its eigenvalues.
      const least = dtype === 'float64' ? 2 ** -1074 : 2 ** -149;
      const back = scaled(rowsOf(x), 1 / by);
      const unit = Math.max(units[dtype], least / by);
      expectDecomposed(
        back,
        numbers(w).map((value) => value / by),
        rowsOf(v),
        unit,
      );
    },
  );

  test('are NaN where the matrix is not finite, and only in that entry of a batch', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const good = symmetric(noise(4, 4, 6));
      const spoilt = good.map((row, i) => row.map((x, j) => (i === 2 && j === 1 ? bad : x)));
      const [w, v] = linalg.eigh(tensor([good, spoilt], { dtype }));
      expect(numbers(w).slice(0, 4).every(Number.isFinite)).toBe(true);
      expect(numbers(w).slice(4).every(Number.isNaN)).toBe(true);
      expect(numbers(v).slice(16).every(Number.isNaN)).toBe(true);
      expectDecomposed(
        rowsOf(tensor(good, { dtype })),
        numbers(w).slice(0, 4),
        matrix(4, 4, (i, j) => numbers(v)[4 * i + j] ?? 0),
        units[dtype],
      );
    }
  });
});

/** By mpmath with 60 digits. */
const published: readonly (readonly [string, Rows, readonly number[]])[] = [
  [
    "Wilkinson's matrix",
    wilkinson(21),
    [
      -1.1254415221199843, 0.25380581709667815, 0.9475343675292933, 1.7893213526950813,
      2.1302092193625057, 2.961058884185727, 3.0430992925788236, 3.996048201383625,
      4.004354023440857, 4.999782477742902, 5.000244425001913, 6.000217522257098, 6.000234031584167,
      7.003951798616375, 7.003952209528676, 8.038941115814273, 8.038941122829023, 9.210678647304919,
      9.210678647361332, 10.746194182903322, 10.746194182903393,
    ],
  ],
  [
    "Hilbert's matrix",
    hilbert(10, 10),
    [
      1.0932524334974553e-13, 2.2667455503810733e-11, 2.1474388217975424e-9, 1.2289677387429186e-7,
      4.729689293190096e-6, 0.0001287496142763734, 0.0025308907686700287, 0.035741816271639235,
      0.3429295484835091, 1.7519196702651776,
    ],
  ],
  [
    'graded rows',
    graded(12),
    [
      5.306963923863574e-14, 8.526364917376324e-13, 1.3642419598053061e-11, 2.1827872836745297e-10,
      3.4924596548044164e-9, 5.5879354476928486e-8, 8.940696716308594e-7, 1.430511474609375e-5,
      0.0002288818359375, 0.0036621093750611074, 0.05859476649458907, 1.0041656501720164,
    ],
  ],
];

test.each(published)('eigenvalues of %s are those of 60 digits', (_, a, expected) => {
  const w = numbers(linalg.eigvalsh(a));
  const allowed = 2 * a.length * units.float64 * Math.max(...expected);
  expected.forEach((value, i) => {
    expect(Math.abs((w[i] ?? Number.NaN) - value)).toBeLessThan(allowed);
  });
});

test('eigenvectors have a sign: the first of their large elements is positive', () => {
  const [, v] = linalg.eigh([
    [2, 1],
    [1, 2],
  ]);
  expect(v.toArray()).toEqual([
    [expect.closeTo(Math.SQRT1_2, 15), expect.closeTo(Math.SQRT1_2, 15)],
    [expect.closeTo(-Math.SQRT1_2, 15), expect.closeTo(Math.SQRT1_2, 15)],
  ]);
  const [, u] = linalg.eigh(symmetric(noise(7, 7, 8)));
  for (const column of transposed(rowsOf(u))) {
    const most = Math.max(...column.map(Math.abs));
    expect(column.find((x) => Math.abs(x) >= 0.9 * most)).toBeGreaterThan(0);
  }
});

test('of a matrix that is not symmetric, the symmetric part counts', () => {
  const a = tensor(noise(5, 5, 9));
  const half = mul(a.add(a.transpose([1, 0])), 0.5);
  expect(linalg.eigvalsh(a).toArray()).toEqual(linalg.eigvalsh(half).toArray());
  const gradient = grad((x: Tensor) => linalg.eigvalsh(x).at(0))(a);
  expect(gradient.toArray()).toEqual(gradient.transpose([1, 0]).toArray());
});

test('batches, vmap and jit give what single calls give', () => {
  const all = tensor([1, 2, 3, 4, 5, 6].map((seed) => symmetric(noise(5, 5, seed)))).reshape([
    2, 3, 5, 5,
  ]);
  const batched = linalg.eigh(all);
  const mapped = vmap(vmap((x: Tensor) => linalg.eigh(x)))(all);
  const compiled = jit((x: Tensor) => linalg.eigh(x))(all);
  for (const [i, j] of [
    [0, 0],
    [0, 2],
    [1, 1],
  ] as const) {
    const [w, v] = linalg.eigh(all.at(i, j));
    for (const [ws, vs] of [batched, mapped, compiled]) {
      expect(ws.at(i, j).toArray()).toEqual(w.toArray());
      expect(vs.at(i, j).toArray()).toEqual(v.toArray());
    }
  }
});

test('wrong arguments are told', () => {
  expect(() => linalg.eigh([1, 2])).toThrow(ShapeError);
  expect(() => linalg.eigh([[1, 2]])).toThrow(/linalg.eigh: the argument has shape \[1, ?2\]/);
  expect(
    linalg
      .eigvalsh(
        tensor(
          [
            [2, 0],
            [0, 1],
          ],
          { dtype: 'int32' },
        ),
      )
      .toArray(),
  ).toEqual([1, 2]);
});

test('an iteration that takes too long is an error that says so', () => {
  const impatient: CallablePrimitive<1, object> = definePrimitive({
    name: 'impatient',
    arity: 1,
    type: ([x]) => tensorType(x.dtype, x.shape),
    linearize: ([x]) => [impatient(x), null],
    vmap: ([x]) => impatient(x),
    mayFail: true,
    lower: {
      kind: 'nest',
      emit: (k, [read], context) => {
        const lines = k.scratch('float64', [4, 4]);
        const [diagonal, beside, cosines, sines] = [0, 1, 2, 3].map((i) =>
          vectorAt(lines, [{ base: i, terms: [] }]),
        );
        if (!diagonal || !beside || !cosines || !sines) throw new Error('unreachable');
        k.forEach([3], ([i]) => {
          if (!i) return;
          diagonal.write(i, read([i]));
          beside.write(i, constant('float64', 1));
        });
        const limit = 1;
        const site = context.site('notConverged', limit);
        iterateQl(k, { type: 'float64', n: 3, diagonal, beside, cosines, sines, limit, site });
        k.forEach([3], ([i]) => i && k.write(0, [i], diagonal.read(i)));
      },
    },
  });
  expect(() => impatient(tensor([1, 2, 3])).toArray()).toThrow(ConvergenceError);
  expect(() => impatient(tensor([1, 2, 3])).toArray()).toThrow(
    /impatient: no convergence after 1 iteration/,
  );
});

describe('derivatives', () => {
  const apart = tensor(withEigenvalues([-2, -0.5, 0.7, 1.9, 3.1], 10));

  test('of eigenvalues and of functions of eigenvectors pass the checks to order 2', () => {
    checkGrads(linalg.eigvalsh, [apart], { order: 2 });
    checkGrads((x: Tensor) => linalg.eigh(x)[1], [apart], { order: 2 });
    const batch = (x: Tensor): Tensor => vmap((t: Tensor) => sum(linalg.eigh(t)[1].at(0)))(x);
    checkGrads(batch, [apart.reshape([1, 5, 5])], { order: 2 });
    checkGrads(
      jit((x: Tensor) => linalg.eigh(x)[1].at(2)),
      [apart],
      { order: 2 },
    );
  });

  test('of an eigenvalue are the outer product of its eigenvector', () => {
    const [, v] = linalg.eigh(apart);
    const gradient = grad((x: Tensor) => linalg.eigvalsh(x).at(3))(apart);
    const vector = numbers(v.at(null, 3));
    expect(
      largest(
        difference(
          rowsOf(gradient),
          matrix(5, 5, (i, j) => (vector[i] ?? 0) * (vector[j] ?? 0)),
        ),
      ),
    ).toBeLessThan(1e-14);
  });

  test('forward over reverse is reverse over reverse', () => {
    const f = (x: Tensor): Tensor => sum(mul(linalg.eigh(x)[1], tensor(noise(5, 5, 11))));
    const direction = tensor(noise(5, 5, 12));
    const [, forward] = jvp(grad(f), [apart], [direction]);
    const reverse = hvp(f, apart, direction);
    expect(largest(difference(rowsOf(forward), rowsOf(reverse)))).toBeLessThan(1e-12);
  });

  const repeated = withEigenvalues([1, 1, 2, 2, 2, 4], 13);

  test('of sums of powers are right at equal eigenvalues', () => {
    // The gradient of tr A^3 is 3 A^2.
    const gradient = grad((x: Tensor) => sum(linalg.eigvalsh(x).pow(3)))(tensor(repeated));
    const expected = scaled(product(repeated, repeated), 3);
    expect(largest(difference(rowsOf(gradient), expected))).toBeLessThan(1e-13);
    const identity = matrix(4, 4, (i, j) => Number(i === j));
    const atIdentity = grad((x: Tensor) => sum(linalg.eigvalsh(x).pow(3)))(tensor(identity));
    expect(largest(difference(rowsOf(atIdentity), scaled(identity, 3)))).toBeLessThan(1e-14);
  });

  test('of the projection on the space of equal eigenvalues are right, to order 2', () => {
    const lowest = (x: Tensor): Tensor => {
      const basis = linalg.eigh(x)[1].at(null, [0, 2]);
      return matmul(basis, basis.transpose([1, 0]));
    };
    // A function of the matrix that has the same derivatives: P dA S + S dA P with the reduced resolvent S.
    const direction = symmetric(noise(6, 6, 14));
    const [p, tangent] = jvp(lowest, [tensor(repeated)], [tensor(direction)]);
    const others = linalg.eigh(repeated);
    const w = numbers(others[0]);
    const v = rowsOf(others[1]);
    const s = matrix(6, 6, (i, j) =>
      w.reduce(
        (total, value, k) =>
          k < 2 ? total : total + ((v[i]?.[k] ?? 0) * (v[j]?.[k] ?? 0)) / (1 - value),
        0,
      ),
    );
    const half = product(product(rowsOf(p), direction), s);
    const expected = matrix(6, 6, (i, j) => (half[i]?.[j] ?? 0) + (half[j]?.[i] ?? 0));
    expect(largest(difference(rowsOf(tangent), expected))).toBeLessThan(1e-13);
    checkGrads(lowest, [tensor(repeated)], { order: 2 });
  });

  test('at equal eigenvalues are finite for whatever is asked', () => {
    const gradient = jacrev((x: Tensor) => linalg.eigh(x)[1])(tensor(repeated));
    expect(numbers(gradient).every(Number.isFinite)).toBe(true);
    const second = hessian((x: Tensor) => sum(linalg.eigh(x)[1]))(tensor(repeated));
    expect(numbers(second).every(Number.isFinite)).toBe(true);
  });
});
