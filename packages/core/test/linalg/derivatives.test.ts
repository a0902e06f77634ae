// Derivatives of what is put together from factorizations, in both modes and orders; those of the
// operations themselves are tested by the laws.

import {
  eye,
  grad,
  hessian,
  jit,
  jvp,
  linalg,
  matmul,
  moveAxis,
  program,
  random,
  type Tensor,
  tensor,
  vmap,
} from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';

const normal = (seed: number, shape: number[]): Tensor => random.normal(random.key(seed), shape);

/** How many equations of a recorded function have a name. */
function count(text: string, name: string): number {
  return text.split('\n').filter((line) => new RegExp(`= ${name}\\b`).test(line)).length;
}

describe('both modes agree with differences', () => {
  const a = normal(1, [3, 3]);
  const positive = matmul(a, a.transpose()).add(eye(3));
  const b = normal(2, [3]);
  test.each<[string, (...x: Tensor[]) => Tensor | readonly Tensor[], Tensor[]]>([
    ['cholesky with symmetrize', (x) => linalg.cholesky(x, { symmetrize: true }), [positive]],
    [
      'lu',
      (x) => {
        const { l, u } = linalg.lu(x);
        return [l, u];
      },
      [a],
    ],
    ['solve of a vector', linalg.solve, [a, b]],
    ['solve in a batch that shares the matrix', linalg.solve, [a, normal(3, [2, 3, 2])]],
    [
      'triangularSolve',
      (t, y) => linalg.triangularSolve(t, y, { lower: false, unitDiagonal: true }),
      [a, b],
    ],
    ['slogdet', (x) => linalg.slogdet(x)[1], [normal(4, [2, 3, 3])]],
    ['det', (x) => linalg.det(x), [normal(4, [2, 3, 3])]],
    ['qr of a tall matrix', (x) => linalg.qr(x), [normal(5, [4, 2])]],
    ['qr of a wide matrix', (x) => linalg.qr(x), [normal(6, [2, 4])]],
    ['lstsq of a tall matrix', linalg.lstsq, [normal(5, [4, 2]), normal(7, [4])]],
    ['lstsq of a wide matrix', linalg.lstsq, [normal(6, [2, 4]), normal(8, [2])]],
    ['inv', linalg.inv, [normal(9, [2, 3, 3])]],
    ['matrixPower', (x) => linalg.matrixPower(x, 5), [a.mul(0.5)]],
    ['negative matrixPower', (x) => linalg.matrixPower(x, -2), [positive]],
    ['expm', linalg.expm, [normal(10, [2, 3, 3])]],
    ['a p-norm', (x) => linalg.norm(x, { ord: 3 }), [b]],
    ['the Frobenius norm', (x) => linalg.norm(x, { axis: [1, 2] }), [normal(11, [2, 3, 3])]],
    ['kron', linalg.kron, [normal(12, [2, 2]), normal(13, [1, 3])]],
  ])('of %s', (_, f, args) => {
    checkGrads(f, args);
    // Compiled, and mapped over a batch of two.
    checkGrads(
      jit((...x: Tensor[]) =>
        vmap((...y: Tensor[]) => f(...y))(
          ...x.map((y) =>
            tensor([0, 1])
              .mul(0.1)
              .add(1)
              .reshape([2, ...y.shape.map(() => 1)])
              .mul(y),
          ),
        ),
      ),
      args,
      { order: 1 },
    );
  });
});

describe('the derivative of det', () => {
  // Rank 2, and the adjugate by hand.
  const singular = tensor([
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ]);
  const cofactors = [
    [-3, 6, -3],
    [6, -12, 6],
    [-3, 6, -3],
  ];

  test('at a singular matrix is the matrix of cofactors', () => {
    const found = jit(grad((a: Tensor) => linalg.det(a)))(singular);
    expect(found.sub(tensor(cofactors)).abs().max().item()).toBeLessThan(1e-13);
    const nilpotent = tensor([
      [0, 1],
      [0, 0],
    ]);
    expect(grad((a: Tensor) => linalg.det(a))(nilpotent).toArray()).toEqual([
      [0, 0],
      [-1, 0],
    ]);
  });

  test('is zero where the rank is less by two', () => {
    const outer = linalg.outer([1, 2, 3], [1, -1, 2]);
    const found = grad((a: Tensor) => linalg.det(a))(outer);
    expect(found.abs().max().item()).toBeLessThan(1e-14);
    expect(
      grad((a: Tensor) => linalg.det(a))(
        tensor([
          [0, 0],
          [0, 0],
        ]),
      ).toArray(),
    ).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  test('comes from other matrices of a batch untouched', () => {
    const all = tensor([singular.toArray(), eye(3).toArray()] as number[][][]);
    const found = grad((a: Tensor) => linalg.det(a).sum())(all);
    expect(found.at(1).toArray()).toEqual(eye(3).toArray());
    expect(found.at(0).sub(tensor(cofactors)).abs().max().item()).toBeLessThan(1e-13);
  });

  test('of second order is that of the polynomial, for regular matrices', () => {
    // det of [[a, b], [c, d]] is a d - b c.
    const h = hessian((x: Tensor) => linalg.det(x.reshape([2, 2])))(tensor([1, 2, 3, 5]));
    const expected = [
      [0, 0, 0, 1],
      [0, 0, -1, 0],
      [0, -1, 0, 0],
      [1, 0, 0, 0],
    ];
    expect(h.sub(tensor(expected)).abs().max().item()).toBeLessThan(1e-13);
  });
});

test('a solution is differentiated with the factors it was found with', () => {
  const a = normal(1, [9, 9]);
  const b = normal(2, [9]);
  const loss = (x: Tensor, y: Tensor): Tensor => linalg.solve(x, y).square().sum();
  const text = String(program(grad(loss, { argnums: [0, 1] }))(a, b));
  expect(count(text, 'lu')).toBe(1);
  expect(count(text, 'solve')).toBe(0);
  expect(count(text, 'solveByFactors')).toBe(2);
  const slope = (x: Tensor): Tensor => jvp((y: Tensor) => loss(y, b), [x], [x])[1];
  expect(count(String(program(grad(slope))(a)), 'lu')).toBe(1);
});

test('the gradient of a Gaussian log-likelihood is the closed form', () => {
  // d/dS of -(log det S + x' S^-1 x) / 2 is (S^-1 x x' S^-1 - S^-1) / 2.
  const x = normal(1, [5]);
  const m = normal(2, [5, 5]);
  const s = matmul(m, m.transpose()).add(eye(5));
  const logLikelihood = (cov: Tensor): Tensor => {
    const l = linalg.cholesky(cov, { symmetrize: true });
    const z = linalg.triangularSolve(l, x);
    return linalg.diagonal(l).log().sum().add(z.square().sum().mul(0.5)).neg();
  };
  const found = jit(grad(logLikelihood))(s);
  const inverse = linalg.inv(s);
  const y = matmul(inverse, x);
  const expected = linalg.outer(y, y).sub(inverse).mul(0.5);
  expect(found.sub(expected).abs().max().item()).toBeLessThan(1e-13);
});

test('the gradient through large factors in blocks is that of small ones', () => {
  // log det of a matrix of blocks on the diagonal, in either form.
  const n = 60;
  const x = normal(1, [n, n]).mul(0.1);
  const a = matmul(x, moveAxis(x, 0, 1)).add(eye(n));
  const byCholesky = (m: Tensor): Tensor =>
    linalg
      .diagonal(linalg.cholesky(m, { symmetrize: true }))
      .log()
      .sum()
      .mul(2);
  const byLu = (m: Tensor): Tensor => linalg.slogdet(m)[1];
  const inverse = linalg.inv(a);
  for (const f of [byCholesky, byLu]) {
    const found = jit(grad(f))(a);
    expect(found.sub(inverse).abs().max().item()).toBeLessThan(1e-12);
  }
});

test('norms have derivative 0 where they are 0', () => {
  const zero = tensor([0, 0, 0]);
  for (const ord of [2, 3]) {
    expect(grad((v: Tensor) => linalg.norm(v, { ord }))(zero).toArray()).toEqual([0, 0, 0]);
  }
  const slope = grad((v: Tensor) => linalg.norm(v))(tensor([3, -4]));
  expect(
    slope
      .sub(tensor([0.6, -0.8]))
      .abs()
      .max()
      .item(),
  ).toBeLessThan(1e-15);
});
