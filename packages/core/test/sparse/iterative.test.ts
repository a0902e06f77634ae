import { jit, sparse, sum, type Tensor, tensor, vjp, vmap } from '@grad/core';
import { checkGrads, gradMatchers } from '@grad/core/testing';
import type {} from '@grad/core/testing/vitest';
import { describe, expect, test } from 'vitest';
import { definite, general, laplacian, matrixOf, rowsOf, solveDense, vector } from './matrices.ts';

expect.extend(gradMatchers);

const hard = definite.filter((_, i) => [0, 3, 5, 8, 9, 10].includes(i));

const names = ['none', 'jacobi', 'ilu0', 'ic0', 'multigrid'] as const;
const forAny = names.filter((name) => name !== 'ic0');

describe.each(['cg', 'minres', 'gmres', 'bicgstab'] as const)('%s', (method) => {
  const cases = names.flatMap((preconditioner) => [
    ...hard.map(([title, a]) => [title, preconditioner, a] as const),
  ]);
  test.each(cases)('solves %s with the preconditioner %s', (_, preconditioner, a) => {
    const [n] = a.pattern.shape;
    const b = vector(n, 4);
    const { x, converged, residual } = sparse.solve(a, b, { method, preconditioner });
    expect(converged.item()).toBe(1);
    expect(residual.item()).toBeLessThan(2e-10);
    expect(x).toBeAllclose(solveDense(rowsOf(a), [...b.dataSync()]), { rtol: 1e-7, atol: 1e-8 });
  });

  test.each(names)(
    'with the preconditioner %s is differentiated as the solution, compiled and in batches',
    (preconditioner) => {
      const a = laplacian(4, 3);
      const options = { method, preconditioner, tolerance: 1e-14 };
      const solve = (data: Tensor, b: Tensor) =>
        sparse.solve({ data, pattern: a.pattern }, b, options).x;
      checkGrads(solve, [a.data, vector(12)], { order: 2 });
      expect(jit(solve)(a.data, vector(12))).toBeAllclose(solve(a.data, vector(12)), {
        rtol: 1e-12,
      });
      const data = a.data.mul(tensor([[1], [2]]));
      const x = vmap(solve, { inAxes: [0, null] })(data, vector(12));
      expect(x.at(1)).toBeAllclose(solve(a.data.mul(2), vector(12)), { rtol: 1e-11, atol: 1e-12 });
      const many = sparse.solve(a, vector(24).reshape([12, 2]), options);
      expect(many.x.shape).toEqual([12, 2]);
      expect(many.converged.toArray()).toEqual([true, true]);
      expect(sparse.matmul(a, many.x)).toBeAllclose(vector(24).reshape([12, 2]), {
        rtol: 1e-11,
        atol: 1e-11,
      });
    },
  );

  test('says that it did not converge, and how far it came', () => {
    const a = laplacian(20, 20);
    const { converged, iterations, residual } = sparse.solve(a, vector(400), {
      method,
      maxIterations: 3,
    });
    expect(converged.item()).toBe(0);
    expect(iterations.item()).toBe(3);
    expect(residual.item()).toBeGreaterThan(1e-3);
  });

  test('takes a right-hand side of zeros, and one in float32', () => {
    const a = laplacian(5);
    const zero = sparse.solve(a, vector(5).mul(0), { method });
    expect(zero.x.toArray()).toEqual([0, 0, 0, 0, 0]);
    expect(zero.converged.item()).toBe(1);
    expect(zero.iterations.item()).toBe(0);
    const single = { data: a.data.astype('float32'), pattern: a.pattern };
    const { x, converged } = sparse.solve(single, vector(5, 1, 'float32'), { method });
    expect(converged.item()).toBe(1);
    expect(x.astype('float64')).toBeAllclose(sparse.solve(a, vector(5)).x, {
      rtol: 1e-4,
      atol: 1e-4,
    });
  });
});

describe.each(['gmres', 'bicgstab'] as const)('%s', (method) => {
  const [, flow] = general[5] ?? ['', laplacian(1)];
  test.each(forAny)(
    'solves a matrix without symmetry, and its transposed, with %s',
    (preconditioner) => {
      const b = vector(30, 2);
      const solve = (data: Tensor, rhs: Tensor) =>
        sparse.solve({ data, pattern: flow.pattern }, rhs, {
          method,
          preconditioner,
          tolerance: 1e-13,
        }).x;
      expect(sparse.matvec(flow, solve(flow.data, b))).toBeAllclose(b, {
        rtol: 1e-10,
        atol: 1e-11,
      });
      const [, pullback] = vjp((rhs: Tensor) => solve(flow.data, rhs), b);
      const [w] = pullback(b);
      expect(sparse.matvec(sparse.transpose(flow), w)).toBeAllclose(b, { rtol: 1e-9, atol: 1e-10 });
    },
  );
});

test('conjugate gradients stop where the matrix is not positive definite', () => {
  const a = matrixOf(4, 4, (i, j) =>
    i === j ? (i === 2 ? -3 : 2) : Math.abs(i - j) === 1 ? 0.5 : undefined,
  );
  const { converged } = sparse.cg(a, tensor([0, 0, 1, 0]));
  expect(converged.item()).toBe(0);
});

test('GMRES of n steps solves a system of order n, and restarts otherwise', () => {
  const [, flow] = general[5] ?? ['', laplacian(1)];
  const b = vector(30, 3);
  const whole = sparse.gmres(flow, b, { restart: 30 });
  const parts = sparse.gmres(flow, b, { restart: 5 });
  expect(whole.iterations.item()).toBeLessThanOrEqual(30);
  expect(parts.iterations.item()).toBeGreaterThan(whole.iterations.item());
  expect(parts.converged.item()).toBe(1);
});

describe('preconditioners', () => {
  test('without fill are exact where the factors have none', () => {
    const a = laplacian(50);
    const b = vector(50);
    const exact = sparse.solve(a, b).x;
    for (const { apply, applyTransposed } of [sparse.ilu0(a), sparse.ic0(a)]) {
      expect(apply(b)).toBeAllclose(exact, { rtol: 1e-10 });
      expect(applyTransposed(b)).toBeAllclose(exact, { rtol: 1e-10 });
    }
  });

  test('have factors whose product agrees with the matrix where it has entries', () => {
    const a = laplacian(4, 4);
    const { apply } = sparse.ilu0(a);
    const columns = Array.from({ length: 16 }, (_, j) => [
      ...apply(tensor(Array.from({ length: 16 }, (_, i) => Number(i === j)))).dataSync(),
    ]);
    const inverse = columns.map((_, i) => columns.map((column) => column[i] ?? 0));
    const identity = (j: number) => Array.from({ length: 16 }, (_, i) => Number(i === j));
    const product = identity(0).map((_, j) => solveDense(inverse, identity(j)));
    for (let i = 0; i < 16; i++) {
      for (let k = a.pattern.indptr[i] ?? 0; k < (a.pattern.indptr[i + 1] ?? 0); k++) {
        const j = a.pattern.indices[k] ?? 0;
        expect(product[j]?.[i]).toBeCloseTo(a.data.dataSync()[k] ?? 0, 10);
      }
    }
  });

  test('that are incomplete factors need pivots', () => {
    const negative = matrixOf(2, 2, (i, j) => (i === j ? -1 : 0.1));
    expect(() => sparse.ic0(negative).apply(vector(2)).dataSync()).toThrow(
      /sparse.ic0: the matrix is not positive definite/,
    );
    const hollow = matrixOf(2, 2, (i, j) => (i === j ? undefined : 1));
    expect(() => sparse.ilu0(hollow)).toThrow(/sparse.ilu0: .*singular/);
    const zero = matrixOf(2, 2, () => 1);
    expect(() => sparse.ilu0(zero).apply(vector(2)).dataSync()).toThrow(/singular: pivot 1/);
  });

  test('of multigrid take about as many iterations on a fine grid as on a coarse one', () => {
    const steps = [24, 96].map((m) => {
      const { iterations, converged } = sparse.cg(laplacian(m, m), vector(m * m), {
        preconditioner: 'multigrid',
      });
      expect(converged.item()).toBe(1);
      return iterations.item();
    });
    const [coarse = 0, fine = 0] = steps;
    expect(fine).toBeLessThan(30);
    expect(fine).toBeLessThan(1.6 * coarse);
    const alone = sparse.cg(laplacian(96, 96), vector(96 * 96)).iterations.item();
    expect(alone).toBeGreaterThan(5 * fine);
  });

  test('of multigrid are symmetric', () => {
    const a = laplacian(30, 20);
    const { apply } = sparse.multigrid(a);
    const [x, y] = [vector(600, 1), vector(600, 2)];
    expect(sum(x.mul(apply(y)))).toBeAllclose(sum(y.mul(apply(x))), { rtol: 1e-12 });
  });

  test('can be written by the user', () => {
    const a = laplacian(10, 10);
    const half = (x: Tensor) => x.mul(0.25);
    const preconditioner = { apply: half, applyTransposed: half };
    expect(sparse.cg(a, vector(100), { preconditioner }).converged.item()).toBe(1);
  });
});

describe('a linear function in place of a matrix', () => {
  const a = laplacian(6, 5);
  const product = (x: Tensor): Tensor => sparse.matvec(a, x);

  test.each(['cg', 'minres', 'gmres', 'bicgstab'] as const)('is what %s needs', (method) => {
    const options = { tolerance: 1e-13 };
    const solve = (b: Tensor): Tensor => sparse[method](product, b, options).x;
    expect(solve(vector(30))).toBeAllclose(sparse.solve(a, vector(30)).x, { rtol: 1e-10 });
    checkGrads(solve, [vector(30)]);
    // Symmetric whatever the values are, as cg and minres take for granted.
    const inDiagonal = (d: Tensor): Tensor =>
      sparse[method]((x) => product(x).add(x.mul(d)), vector(30), options).x;
    checkGrads(inDiagonal, [vector(30).abs()]);
  });

  test('has one right-hand side and no elements', () => {
    expect(() => sparse.cg(product, vector(60).reshape([30, 2]))).toThrow(/is a vector of floats/);
    expect(() => sparse.cg(product, vector(30), { preconditioner: 'jacobi' })).toThrow(
      /'jacobi' needs the elements of a matrix/,
    );
  });
});

test('minres solves a symmetric system that is not definite', () => {
  const a = laplacian(8, 8);
  const shifted = (x: Tensor): Tensor => sparse.matvec(a, x).sub(x.mul(2.1));
  const { x, converged } = sparse.minres(shifted, vector(64), { tolerance: 1e-12 });
  expect(converged.item()).toBe(1);
  expect(shifted(x)).toBeAllclose(vector(64), { rtol: 1e-9, atol: 1e-9 });
});

test('options that make no sense are refused', () => {
  const a = laplacian(3);
  expect(() => sparse.solve(a, vector(3), { method: 'lu', tolerance: 1 })).toThrow(
    /sparse.solve: tolerance is for iterative methods/,
  );
  expect(() => sparse.cg(a, vector(3), { tolerance: -1 })).toThrow(
    /sparse.cg: tolerance must be positive/,
  );
  expect(() => sparse.gmres(a, vector(3), { restart: 0 })).toThrow(/sparse.gmres: restart/);
});

test('gmres solves with a matrix of small numbers as with one of large ones', () => {
  const { data, pattern } = laplacian(5, 5);
  const b = vector(25);
  const expected = sparse.gmres({ data, pattern }, b).x.dataSync();
  const { x, converged, iterations } = sparse.gmres({ data: data.mul(2 ** -20), pattern }, b);
  expect(converged.item()).toBe(1);
  expect(iterations.item()).toBeLessThan(30);
  expected.forEach((value, i) => {
    expect(x.at(i).item() * 2 ** -20).toBeCloseTo(value, 6);
  });
});

test('gmres names an option that there is not', () => {
  const a = laplacian(3);
  // @ts-expect-error: no such option.
  expect(() => sparse.gmres(a, vector(3), { restarts: 3 })).toThrow(
    /^sparse.gmres: there is no option 'restarts'; there are .*restart/,
  );
  // @ts-expect-error: it is the method.
  expect(() => sparse.gmres(a, vector(3), { method: 'cg' })).toThrow(
    /^sparse.gmres: there is no option 'method'/,
  );
});
