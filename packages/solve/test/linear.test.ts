import { grad, hvp, jit, linalg, matmul, random, type Tensor, tensor, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { bicgstab, cg, gmres, type LinearSolverName, linearSolve, minres } from '@grad/solve';
import { describe, expect, test } from 'vitest';

const n = 24;
const square = random.normal(random.key(1), [n, n]);
const matrices = {
  definite: matmul(square, square.transpose())
    .div(n)
    .add(tensor(1))
    .add(linalg.matrixPower(square.mul(0), 0)),
  symmetric: square.add(square.transpose()),
  any: square.add(linalg.matrixPower(square.mul(0), 0).mul(8)),
};
const b = random.normal(random.key(2), [n]);

const cases: readonly (readonly [LinearSolverName, keyof typeof matrices])[] = [
  ['direct', 'any'],
  ['cg', 'definite'],
  ['minres', 'symmetric'],
  ['gmres', 'any'],
  ['bicgstab', 'any'],
];

describe.each(cases)('%s', (solver, kind) => {
  const A = matrices[kind];
  const solve = (A: Tensor, b: Tensor) =>
    linearSolve(
      ({ v }) => ({ v: matmul(A, v) }),
      { v: b },
      {
        solver,
        tol: 1e-13,
        maxIterations: 500,
        symmetric: kind !== 'any',
      },
    );

  test('solves a system, and says how well', () => {
    const { x, converged, residual, iterations } = solve(A, b);
    expect(converged.item()).toBe(1);
    expect(residual.item()).toBeLessThan(2e-13);
    expect(iterations.item() > 0).toBe(solver !== 'direct');
    expect(x.v.sub(linalg.solve(A, b)).abs().max().item()).toBeLessThan(1e-9);
  });

  test('has the derivatives of the solution, compiled and batched too', () => {
    const f = (A: Tensor, b: Tensor): Tensor => solve(A, b).x.v.square().sum();
    const exact = (A: Tensor, b: Tensor): Tensor => linalg.solve(A, b).square().sum();
    const apart = (x: Tensor, y: Tensor): number =>
      x.sub(y).abs().max().item() / y.abs().max().item();
    expect(apart(jit(grad(f))(A, b), grad(exact)(A, b))).toBeLessThan(1e-8);
    const second = { argnums: 1 } as const;
    expect(apart(grad(f, second)(A, b), grad(exact, second)(A, b))).toBeLessThan(1e-8);
    const many = random.normal(random.key(4), [3, n]);
    const each = vmap((b: Tensor) => solve(A, b).x.v)(many);
    expect(matmul(each, A.transpose()).sub(many).abs().max().item()).toBeLessThan(1e-10);
    expect(
      apart(
        hvp((b: Tensor) => f(A, b), b, b),
        hvp((b: Tensor) => exact(A, b), b, b),
      ),
    ).toBeLessThan(1e-8);
  });
});

test('a preconditioner saves iterations, and its transpose serves the derivative', () => {
  const scales = tensor(Float64Array.from({ length: 200 }, (_, i) => 1 + i * i));
  const A = (x: Tensor): Tensor => x.mul(scales).add(x.sum().mul(0.1));
  const rhs = scales.mul(0).add(1);
  const plain = cg(A, rhs, { maxIterations: 1000 });
  const better = cg(A, rhs, { preconditioner: (r) => r.div(scales) });
  expect(better.iterations.item()).toBeLessThan(plain.iterations.item() / 10);
  for (const solve of [minres, gmres, bicgstab]) {
    const f = (b: Tensor): Tensor => {
      const { x, converged } = solve(A, b, { preconditioner: (r) => r.div(scales), tol: 1e-13 });
      return x.square().sum().mul(converged.astype('float64'));
    };
    checkGrads(f, [rhs]);
  }
});

test('iterations that end too early say so', () => {
  const { converged, residual, iterations } = cg((x: Tensor) => matmul(matrices.definite, x), b, {
    maxIterations: 2,
  });
  expect([converged.item(), iterations.item()]).toEqual([0, 2]);
  expect(residual.item()).toBeGreaterThan(1e-3);
});

test('calls that make no sense are refused', () => {
  const A = (x: Tensor): Tensor => x;
  expect(() => cg(A, b, { tol: 0 })).toThrow('cg: tol is 0');
  expect(() => gmres(A, b, { restart: 0 })).toThrow('gmres: restart is 0');
  expect(() => linearSolve(() => tensor([1, 2]), b)).toThrow(/matvec gives 2 elements for 24/);
});
