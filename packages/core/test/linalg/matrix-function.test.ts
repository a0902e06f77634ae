import {
  exp,
  grad,
  hessian,
  hvp,
  jit,
  jvp,
  linalg,
  log,
  matmul,
  mul,
  ShapeError,
  sin,
  sum,
  type Tensor,
  tensor,
  vmap,
} from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';
import {
  difference,
  largest,
  matrix,
  noise,
  product,
  scaled,
  transposed,
  withEigenvalues,
} from './matrix-cases.ts';

function rowsOf(x: Tensor): number[][] {
  const [m = 0, n = 0] = x.shape;
  const data = x.dataSync();
  return matrix(m, n, (i, j) => data[i * n + j] ?? Number.NaN);
}

function plus(...all: readonly number[][][]): number[][] {
  return all.reduce((a, b) => a.map((row, i) => row.map((x, j) => x + (b[i]?.[j] ?? 0))));
}

function symmetric(n: number, seed: number): number[][] {
  const a = noise(n, n, seed);
  return scaled(plus(a, transposed(a)), 0.5);
}

const cube = (w: Tensor): Tensor => mul(mul(w, w), w);
const repeated = withEigenvalues([1, 1, 2, 2, 2, 4], 13);
const direction = symmetric(6, 21);

describe('a function of a symmetric matrix', () => {
  test('is the power, where it is a power', () => {
    const a = symmetric(7, 20);
    const expected = product(product(a, a), a);
    expect(largest(difference(rowsOf(linalg.matrixFunction(cube, a)), expected))).toBeLessThan(
      1e-14,
    );
    const other = product(a, scaled(a, 1));
    expect(
      largest(difference(rowsOf(linalg.matrixFunction((w) => mul(w, w), a)), other)),
    ).toBeLessThan(1e-14);
  });

  test('of an exponential and a logarithm is the matrix again', () => {
    const a = tensor(repeated);
    expect(
      largest(
        difference(rowsOf(linalg.matrixFunction(log, linalg.matrixFunction(exp, a))), repeated),
      ),
    ).toBeLessThan(1e-13);
  });

  test.each([
    ['equal eigenvalues', repeated],
    ['the identity', matrix(6, 6, (i, j) => Number(i === j))],
    ['zeros', matrix(6, 6, () => 0)],
    ['eigenvalues apart', withEigenvalues([-3, -1, 0.5, 1, 2.5, 4], 14)],
    ...[1e-13, 1e-10, 1e-7, 1e-4, 1e-3, 2e-3, 5e-3].map(
      (gap) =>
        [
          `a gap of ${gap}`,
          withEigenvalues([1, 1 + gap, 1 + 3 * gap, 2, 2 + gap, -1], 15),
        ] as const,
    ),
  ] as const)('has the derivatives of a power at %s', (_, a) => {
    const at = tensor(a);
    const [, tangent] = jvp(
      (x: Tensor) => linalg.matrixFunction(cube, x),
      [at],
      [tensor(direction)],
    );
    const [aa, ad, da] = [product(a, a), product(a, direction), product(direction, a)];
    const expected = plus(product(aa, direction), product(ad, a), product(da, a));
    expect(largest(difference(rowsOf(tangent), expected))).toBeLessThan(2e-11);

    // The gradient of tr A^4 is 4 A^3, and its derivative four times the above.
    const trace = (x: Tensor): Tensor =>
      sum(
        mul(
          linalg.matrixFunction((w) => mul(mul(w, w), mul(w, w)), x),
          tensor(matrix(6, 6, (i, j) => Number(i === j))),
        ),
      );
    expect(largest(difference(rowsOf(grad(trace)(at)), scaled(product(aa, a), 4)))).toBeLessThan(
      1e-10,
    );
    const second = rowsOf(hvp(trace, at, tensor(direction)));
    expect(largest(difference(second, scaled(expected, 4)))).toBeLessThan(1e-10);
  });

  test('has second derivatives where near is not transitive', () => {
    const a = withEigenvalues([1, 1.001, 1.003, 2, 2.001, -1], 15);
    const once = (x: Tensor): Tensor =>
      jvp((y: Tensor) => linalg.matrixFunction(cube, y), [x], [tensor(direction)])[1];
    const [, second] = jvp(once, [tensor(a)], [tensor(direction)]);
    const dd = product(direction, direction);
    const half = plus(product(a, dd), product(product(direction, a), direction), product(dd, a));
    expect(largest(difference(rowsOf(second), scaled(half, 2)))).toBeLessThan(1e-8);
  });

  test('passes the checks to order 2, compiled and in batches', () => {
    const weights = tensor(noise(6, 6, 22));
    for (const a of [repeated, withEigenvalues([-2, -1, 0.2, 1, 1.7, 3], 16)]) {
      checkGrads((x: Tensor) => linalg.matrixFunction(exp, x), [tensor(a)], { order: 2 });
      checkGrads(
        jit((x: Tensor) => sum(mul(linalg.matrixFunction(sin, x), weights))),
        [tensor(a)],
        { order: 2 },
      );
    }
    const both = tensor([repeated, withEigenvalues([1, 1, 1, 1, 3, 3], 17)]);
    const single = (x: Tensor): Tensor => sum(mul(linalg.matrixFunction(exp, x), weights));
    const batched = vmap(grad(single))(both);
    const other = grad((x: Tensor) => sum(vmap(single)(x)))(both);
    [0, 1].forEach((i) => {
      const alone = rowsOf(grad(single)(both.at(i)));
      expect(largest(difference(rowsOf(batched.at(i)), alone))).toBeLessThan(1e-12);
      expect(largest(difference(rowsOf(other.at(i)), alone))).toBeLessThan(1e-12);
    });
  });

  test('has derivatives by what the function closes over', () => {
    // exp(-t A) has the derivative -A exp(-t A) by t.
    const heat = (t: Tensor, x: Tensor): Tensor =>
      linalg.matrixFunction((w) => exp(mul(mul(w, t), -1)), x);
    const t = tensor(0.3);
    const [value, tangent] = jvp((s: Tensor) => heat(s, tensor(repeated)), [t], [tensor(1)]);
    const expected = scaled(product(repeated, rowsOf(value)), -1);
    expect(largest(difference(rowsOf(tangent), expected))).toBeLessThan(1e-14);
    const apart = tensor(withEigenvalues([0.5, 1, 1.5, 2, 3, 4], 18));
    checkGrads((s: Tensor, x: Tensor) => heat(s, x), [t, apart], { order: 2 });
    const times = vmap((s: Tensor) => heat(s, apart))(tensor([0.1, 0.2]));
    expect(times.at(1).toArray()).toEqual(heat(tensor(0.2), apart).toArray());
  });

  test('has a Hessian at the identity', () => {
    // tr A^3: along E and D it is 6 tr(A E D) at A = I.
    const f = (x: Tensor): Tensor =>
      sum(
        mul(
          linalg.matrixFunction(cube, x),
          tensor([
            [1, 0],
            [0, 1],
          ]),
        ),
      );
    const second = hessian(f)(
      tensor([
        [1, 0],
        [0, 1],
      ]),
    );
    const e = tensor([
      [0, 1],
      [1, 0],
    ]);
    const along = sum(mul(matmul(second.reshape([4, 4]), e.reshape([4, 1])), e.reshape([4, 1])));
    expect(along.item()).toBeCloseTo(12, 12);
  });

  test('in float32 is that of float64, rounded', () => {
    const single = grad((x: Tensor) => sum(linalg.matrixFunction(exp, x)))(
      tensor(repeated, { dtype: 'float32' }),
    );
    const double = grad((x: Tensor) => sum(linalg.matrixFunction(exp, x)))(tensor(repeated));
    expect(single.dtype).toBe('float32');
    expect(largest(difference(rowsOf(single), rowsOf(double)))).toBeLessThan(2e-3);
  });

  test('refuses what is no square matrix, and functions that change the shape', () => {
    expect(() => linalg.matrixFunction(exp, [1, 2])).toThrow(ShapeError);
    expect(() => linalg.matrixFunction(exp, [[1, 2]])).toThrow(
      /linalg.matrixFunction: the argument has shape/,
    );
    expect(() => linalg.matrixFunction((w) => sum(w), [[1]])).toThrow(/f gives another shape/);
  });
});
