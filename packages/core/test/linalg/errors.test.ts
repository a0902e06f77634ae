// What is wrong with a matrix is an error that tells the matrix of the batch and the pivot, on both
// backends; entries of a batch that are idle raise none.

import {
  cond,
  eye,
  grad,
  hessian,
  jit,
  linalg,
  MatrixError,
  ShapeError,
  stack,
  type Tensor,
  tensor,
  vmap,
  whileLoop,
} from '@grad/core';
import { describe, expect, test } from 'vitest';
import { errorOf } from '../errors/public-functions.ts';
import { backends, on } from '../laws/backends.ts';

/** The identity of some order with one number on its diagonal replaced. */
function withPivot(n: number, at: number, value: number): Tensor {
  const marks = tensor(Array.from({ length: n }, (_, i) => (i === at ? value - 1 : 0)));
  return eye(n).add(eye(n).mul(marks));
}

function faultOf(call: () => unknown): Pick<MatrixError, 'fault' | 'entry' | 'pivot' | 'message'> {
  const error = errorOf(call);
  if (!(error instanceof MatrixError)) throw error;
  return error;
}

describe.each(backends)('on the %s backend', (_, backend) => {
  test.each([3, 6, 9, 60])('cholesky names the matrix and pivot of order %i', (n) => {
    const batch = stack([eye(n), withPivot(n, n - 2, -1), withPivot(n, 0, 0)]);
    on(backend, () => {
      expect(faultOf(() => linalg.cholesky(batch))).toMatchObject({
        fault: 'notPositiveDefinite',
        entry: 1,
        pivot: n - 2,
        message: expect.stringContaining(`linalg.cholesky: matrix 1 of 3 is not positive definite`),
      });
      const bad = withPivot(n, 1, Number.NaN);
      expect(faultOf(() => linalg.cholesky(bad))).toMatchObject({ entry: 0, pivot: 1 });
    });
  });

  test.each([3, 6, 9, 60])('solve, inv and powers refuse a singular matrix of order %i', (n) => {
    const singular = withPivot(n, n - 1, 0);
    const b = eye(n).at(0);
    on(backend, () => {
      const calls: [string, () => unknown][] = [
        ['linalg.solve', () => linalg.solve(singular, b)],
        ['linalg.inv', () => linalg.inv(singular)],
        ['linalg.matrixPower', () => linalg.matrixPower(singular, -2)],
        ['linalg.triangularSolve', () => linalg.triangularSolve(singular, b)],
      ];
      for (const [name, call] of calls) {
        expect(faultOf(call)).toMatchObject({
          fault: 'singular',
          pivot: n - 1,
          message: expect.stringMatching(new RegExp(`^${name}: the matrix is exactly singular`)),
        });
      }
    });
  });

  test('lstsq reports a rank that is too small', () => {
    const dependent = tensor([
      [1, 2, 3],
      [4, 5, 9],
      [7, 8, 15],
      [1, 1, 2],
    ]);
    on(backend, () => {
      expect(faultOf(() => linalg.lstsq(dependent, [1, 2, 3, 4]))).toMatchObject({
        fault: 'rankDeficient',
        pivot: 2,
        message: expect.stringMatching(/^linalg\.lstsq: .* rank is not more than 2/),
      });
      expect(faultOf(() => linalg.lstsq(dependent.transpose(), [1, 2, 3])).fault).toBe(
        'rankDeficient',
      );
    });
  });

  test('entries of a batch that are idle raise nothing', () => {
    const good = tensor([
      [4, 2],
      [2, 5],
    ]);
    const batch = stack([good, withPivot(2, 1, -1), withPivot(2, 0, 0), good.mul(2)]);
    const chosen = tensor([true, false, false, true]);
    const f = (a: Tensor, take: Tensor): Tensor =>
      cond(
        take,
        (x: Tensor) =>
          linalg.cholesky(x).add(linalg.inv(x)).add(linalg.solve(x, x)).add(linalg.det(x)),
        (x: Tensor) => x,
        a,
      );
    on(backend, () => {
      const all = vmap(f)(batch, chosen);
      const gradient = grad((a: Tensor) => vmap(f)(a, chosen).sum())(batch);
      for (const i of [0, 3]) {
        const x = batch.at(i);
        expect(all.at(i).toArray()).toEqual(f(x, tensor(true)).toArray());
        const alone = grad((a: Tensor) => f(a, tensor(true)).sum())(x);
        expect(gradient.at(i).sub(alone).abs().max().item()).toBeLessThan(1e-14);
      }
      expect(all.at(1).toArray()).toEqual(batch.at(1).toArray());
    });
  });

  test('entries that are done with a loop raise nothing', () => {
    // Halves until the trace is small; a matrix that is done would be singular after more steps.
    const shrink = (a: Tensor): Tensor =>
      whileLoop(
        (x) => linalg.trace(x).gt(1),
        (x) => linalg.inv(linalg.inv(x).mul(2)),
        a,
      );
    const batch = stack([
      eye(2).mul(8),
      tensor([
        [0, 0],
        [0, 0],
      ]),
    ]);
    on(backend, () => {
      const result = vmap(shrink)(batch);
      expect(result.at(0).toArray()).toEqual(eye(2).mul(0.5).toArray());
      expect(result.at(1).toArray()).toEqual([
        [0, 0],
        [0, 0],
      ]);
    });
  });
});

test('derivatives that do not exist are errors', () => {
  const singular = tensor([
    [1, 2],
    [2, 4],
  ]);
  expect(faultOf(() => grad((a: Tensor) => linalg.slogdet(a)[1])(singular)).message).toMatch(
    /^the derivative of linalg\.slogdet: /,
  );
  expect(faultOf(() => hessian((a: Tensor) => linalg.det(a))(singular)).message).toMatch(
    /^the second derivative of linalg\.det: /,
  );
  const dependent = tensor([
    [1, 1],
    [0, 0],
    [0, 0],
  ]);
  expect(linalg.qr(dependent)[1].at(1, 1).item()).toBe(0);
  expect(faultOf(() => grad((a: Tensor) => linalg.qr(a)[1].sum())(dependent)).message).toMatch(
    /^the derivative of linalg\.qr: /,
  );
  expect(linalg.lu(singular).u.at(1, 1).item()).toBe(0);
});

test('a check is made whichever element is read', () => {
  const bad = stack(Array.from({ length: 32 }, (_, i) => withPivot(3, 2, 5 - i)));
  const first = jit((a: Tensor) => linalg.cholesky(a).at(null, 0, 0));
  expect(faultOf(() => first(bad))).toMatchObject({ entry: 5, pivot: 2 });
  const zero = stack(Array.from({ length: 32 }, (_, i) => withPivot(3, 2, 7 - i)));
  const solved = jit((a: Tensor) => linalg.solve(a, eye(3).at(0)).at(null, 0));
  expect(faultOf(() => solved(zero))).toMatchObject({ entry: 7, pivot: 2 });
});

test('wrong shapes are errors that name the function and the shape', () => {
  const wide = tensor([[1, 2, 3]]);
  for (const name of ['cholesky', 'inv', 'det', 'slogdet', 'lu', 'expm'] as const) {
    const error = errorOf(() => linalg[name](wide));
    expect(error).toBeInstanceOf(ShapeError);
    expect(error.message).toMatch(new RegExp(`^linalg\\.${name}: .*\\[1, 3\\]`));
  }
  expect(errorOf(() => linalg.solve(wide, [1]))).toBeInstanceOf(ShapeError);
  expect(errorOf(() => linalg.solve(eye(2), [1, 2, 3])).message).toMatch(/linalg\.solve: .*\[3\]/);
  expect(errorOf(() => linalg.det([1, 2]))).toBeInstanceOf(ShapeError);
  expect(errorOf(() => linalg.norm(wide, { ord: 7 })).message).toMatch(/^linalg\.norm: ord/);
  expect(errorOf(() => linalg.norm([1], { ord: 'fro' })).message).toMatch(/^linalg\.norm: ord/);
  expect(errorOf(() => linalg.norm(tensor([[[1]]]), { ord: 1 }))).toBeInstanceOf(ShapeError);
  expect(errorOf(() => linalg.matrixPower(eye(2), 0.5)).message).toMatch(/^linalg\.matrixPower: /);
});
