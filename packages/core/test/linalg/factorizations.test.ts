// Factors and solutions against what defines them, at the sizes where the code changes: unrolled,
// in loops, in blocks with and without a rest, and in batches of these.

import {
  explain,
  eye,
  jit,
  linalg,
  matmul,
  moveAxis,
  random,
  type Tensor,
  take,
  tensor,
} from '@grad/core';
import { describe, expect, test } from 'vitest';
import { roundingUnit } from '../../src/tensor/dtype.ts';

const dtypes = ['float64', 'float32'] as const;
const orders = [1, 2, 3, 6, 7, 16, 47, 48, 49, 96, 131];

function normal(seed: number, shape: number[], dtype: 'float64' | 'float32'): Tensor {
  return random.normal(random.key(seed), shape).astype(dtype);
}

const transposed = (x: Tensor): Tensor => moveAxis(x, -1, -2);

/** The largest difference, in rounding units of the largest element of `scale` and their order. */
function unitsApart(x: Tensor, y: Tensor, scale: Tensor): number {
  const unit = roundingUnit(x.dtype) * (scale.shape.at(-1) ?? 1);
  return x.sub(y).abs().max().item() / (unit * scale.abs().max().item());
}

describe.each(dtypes)('in %s', (dtype) => {
  test.each(orders)('Cholesky factors of order %i are lower triangular and multiply to A', (n) => {
    const x = normal(n, [2, n, n], dtype);
    const a = matmul(x, transposed(x)).add(eye(n, n, { dtype }));
    const l = jit(linalg.cholesky)(a);
    expect(linalg.tril(l).toArray()).toEqual(l.toArray());
    expect(linalg.diagonal(l).min().item()).toBeGreaterThan(0);
    expect(unitsApart(matmul(l, transposed(l)), a, a)).toBeLessThan(8);
  });

  test.each(orders)('LU factors of order %i multiply to the rows of A in their order', (n) => {
    const a = normal(n, [n, n], dtype);
    const { permutation, l, u } = jit(linalg.lu)(a);
    expect(linalg.triu(u).toArray()).toEqual(u.toArray());
    expect(linalg.tril(l).toArray()).toEqual(l.toArray());
    expect(linalg.diagonal(l).toArray()).toEqual(new Array(n).fill(1));
    expect(l.abs().max().item()).toBe(1);
    expect([...permutation.dataSync()].sort((p, q) => p - q)).toEqual([...new Array(n).keys()]);
    expect(unitsApart(matmul(l, u), take(a, permutation), u)).toBeLessThan(8);
  });

  test.each(orders)('solutions of order %i leave no more than rounding of the equations', (n) => {
    const a = normal(n, [3, n, n], dtype);
    const b = normal(n + 1, [3, n, 2], dtype);
    const x = jit(linalg.solve)(a, b);
    const size = matmul(a.abs(), x.abs());
    expect(unitsApart(matmul(a, x), b, size)).toBeLessThan(8);
    const y = linalg.solve(a, b.at(null, null, 0).at(0));
    expect(y.shape).toEqual([3, n]);
  });

  test.each(orders)('inverses of order %i are inverses on both sides', (n) => {
    const a = normal(n, [n, n], dtype).add(eye(n, n, { dtype }).mul(2 * Math.sqrt(n)));
    const x = jit(linalg.inv)(a);
    const size = matmul(a.abs(), x.abs());
    expect(unitsApart(matmul(a, x), eye(n, n, { dtype }), size)).toBeLessThan(8);
    expect(unitsApart(matmul(x, a), eye(n, n, { dtype }), size)).toBeLessThan(8);
  });

  test.each([
    [1, 1],
    [3, 3],
    [5, 2],
    [2, 5],
    [64, 64],
    [131, 50],
    [50, 131],
  ])('QR factors of %i by %i matrices are orthonormal and triangular', (m, n) => {
    const a = normal(m, [2, m, n], dtype);
    const [q, r] = jit(linalg.qr)(a);
    const k = Math.min(m, n);
    expect([q.shape, r.shape]).toEqual([
      [2, m, k],
      [2, k, n],
    ]);
    expect(linalg.triu(r).toArray()).toEqual(r.toArray());
    const identity = eye(k, k, { dtype });
    expect(
      unitsApart(matmul(transposed(q), q), identity.add(q.mul(0).sum()), identity),
    ).toBeLessThan(8);
    expect(unitsApart(matmul(q, r), a, a)).toBeLessThan(8);
  });

  test.each([true, false])('triangular systems read one triangle, lower: %s', (lower) => {
    for (const n of orders) {
      const full = normal(n, [n, n], dtype)
        .mul(0.1)
        .add(eye(n, n, { dtype }));
      const t = lower ? linalg.tril(full) : linalg.triu(full);
      const b = normal(n + 1, [n, 3], dtype);
      for (const back of [false, true]) {
        const x = linalg.triangularSolve(full, b, { lower, transposed: back });
        const side = back ? transposed(t) : t;
        const size = matmul(side.abs(), x.abs());
        expect(unitsApart(matmul(side, x), b, size)).toBeLessThan(8);
      }
    }
  });
});

test('large factors are one nest with tiles inside its loops, without a copy', () => {
  const a = normal(1, [100, 100], 'float64');
  for (const f of [linalg.cholesky, (x: Tensor) => linalg.lu(x).u]) {
    const text = explain(jit(f), a);
    const kernels = text.split(/^(?=k\d|main)/m);
    const factors = kernels.filter((kernel) => /^k\d+ (cholesky|lu)/.test(kernel));
    expect(factors.length).toBe(1);
    // In a loop over blocks, and in one over the blocks that are left.
    expect(factors[0]).toMatch(
      /^ {2}in order for .*\n(?: {4}.*\n)*? {6}.*\n?(?: .*\n)*? {6,}in tiles of/m,
    );
    expect(text).not.toContain('copy');
  }
});

test('factors are those of LAPACK, signs included', () => {
  const a = tensor([
    [4, 12, -16],
    [12, 37, -43],
    [-16, -43, 98],
  ]);
  expect(linalg.cholesky(a).toArray()).toEqual([
    [2, 0, 0],
    [6, 1, 0],
    [-8, 5, 3],
  ]);
  const { permutation, u } = linalg.lu([
    [2, 1, 1],
    [4, 3, 3],
    [8, 7, 9],
  ]);
  expect(permutation.toArray()).toEqual([2, 0, 1]);
  expect(u.at(0).toArray()).toEqual([8, 7, 9]);
  expect(u.at(2, 2).item()).toBeCloseTo(-2 / 3, 14);
  // Printed by numpy.linalg.qr.
  const [q, r] = linalg.qr([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  const expected = [
    [-0.16903085, 0.89708523],
    [-0.50709255, 0.27602622],
    [-0.84515425, -0.34503278],
  ];
  expect(q.sub(tensor(expected)).abs().max().item()).toBeLessThan(1e-8);
  expect(r.at(0, 0).item()).toBeCloseTo(-5.91607978, 8);
  expect(r.at(1, 1).item()).toBeCloseTo(0.82807867, 8);
});

test.each(dtypes)(
  'a column is reflected unless it is 0, however small its squares, in %s',
  (dtype) => {
    // As LAPACK does.
    const tiny = dtype === 'float64' ? 1e-200 : 1e-30;
    const [q, r] = jit(linalg.qr)(tensor([[1], [tiny]], { dtype }));
    expect(r.item()).toBe(-1);
    expect(q.toArray()).toEqual([[-1], [-tensor(tiny, { dtype }).item()]]);
    const [identity, one] = jit(linalg.qr)(tensor([[1], [0]], { dtype }));
    expect(one.item()).toBe(1);
    expect(identity.abs().toArray()).toEqual([[1], [0]]);
  },
);

test('Cholesky reads the lower triangle, or the mean of both', () => {
  const a = tensor([
    [4, 100],
    [2, 5],
  ]);
  expect(linalg.cholesky(a).toArray()).toEqual([
    [2, 0],
    [1, 2],
  ]);
  const skew = tensor([
    [4, 1],
    [3, 5],
  ]);
  expect(linalg.cholesky(skew, { symmetrize: true }).toArray()).toEqual([
    [2, 0],
    [1, 2],
  ]);
});

test('an ill-conditioned system is solved as well as its residual can tell', () => {
  const n = 12;
  const hilbert = tensor(
    Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => 1 / (i + j + 1))),
  );
  const b = matmul(hilbert, tensor(new Array(n).fill(1)));
  const x = linalg.solve(hilbert, b);
  const residual = matmul(hilbert, x).sub(b).abs().max().item();
  expect(residual).toBeLessThan(n * 2 ** -52 * x.abs().max().item());
  // The condition number is about 10^16: the solution itself is not 1 any more.
  expect(x.sub(1).abs().max().item()).toBeGreaterThan(1e-6);
});

test('least squares give what numpy gives, tall and wide', () => {
  const tall = tensor([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  const x = linalg.lstsq(tall, [1, 2, 2]);
  expect(
    x
      .sub(tensor([-2 / 3, 11 / 12]))
      .abs()
      .max()
      .item(),
  ).toBeLessThan(1e-14);
  const shortest = linalg.lstsq(tall.transpose(), [1, 2]);
  expect(
    shortest
      .sub(tensor([5 / 6, 1 / 3, -1 / 6]))
      .abs()
      .max()
      .item(),
  ).toBeLessThan(1e-14);
});

test('leading axes broadcast, and one matrix serves many right-hand sides', () => {
  const a = normal(1, [2, 1, 3, 3], 'float64');
  const b = normal(2, [4, 3, 2], 'float64');
  const x = linalg.solve(a, b);
  expect(x.shape).toEqual([2, 4, 3, 2]);
  for (const [i, j] of [
    [0, 0],
    [1, 3],
  ] as const) {
    const one = linalg.solve(a.at(i, 0), b.at(j));
    expect(x.at(i, j).sub(one).abs().max().item()).toBeLessThan(1e-13);
  }
  const many = normal(3, [5, 4, 3, 2], 'float64');
  const shared = linalg.solve(a.at(0, 0), many);
  expect(shared.shape).toEqual([5, 4, 3, 2]);
  const one = linalg.solve(a.at(0, 0), many.at(2, 1));
  expect(shared.at(2, 1).sub(one).abs().max().item()).toBeLessThan(1e-13);
});

test('empty matrices have empty factors, and the determinant 1', () => {
  const none = tensor([]).reshape([0, 0]);
  expect(linalg.cholesky(none).shape).toEqual([0, 0]);
  expect(linalg.inv(none).shape).toEqual([0, 0]);
  expect(linalg.det(none).item()).toBe(1);
  expect(linalg.slogdet(none).map((x) => x.item())).toEqual([1, 0]);
  expect(linalg.expm(none).shape).toEqual([0, 0]);
  expect(linalg.solve(none, tensor([])).shape).toEqual([0]);
});
