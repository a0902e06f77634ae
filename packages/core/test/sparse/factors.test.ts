import {
  cond,
  grad,
  jit,
  MatrixError,
  program,
  SparsityPattern,
  sparse,
  stack,
  sum,
  type Tensor,
  tensor,
  vmap,
} from '@grad/core';
import { checkGrads, dotProductTest, gradMatchers } from '@grad/core/testing';
import type {} from '@grad/core/testing/vitest';
import { describe, expect, test } from 'vitest';
import {
  definite,
  general,
  laplacian,
  matrixOf,
  numbers,
  rowsOf,
  solveDense,
  vector,
} from './matrices.ts';

expect.extend(gradMatchers);

const methods = [
  ...definite.flatMap(([title, a]) => [
    [`${title} by cholesky`, a, 'cholesky'] as const,
    [`${title} by lu`, a, 'lu'] as const,
  ]),
  ...general.map(([title, a]) => [`${title} by lu`, a, 'lu'] as const),
];

describe.each(methods)('%s', (_, a, method) => {
  const [n] = a.pattern.shape;
  const solve = (data: Tensor, b: Tensor) =>
    sparse.solve({ data, pattern: a.pattern }, b, { method }).x;

  test('is solved as the dense system is', () => {
    const b = vector(n, 5);
    const { x, converged, residual } = sparse.solve(a, b, { method });
    expect(x).toBeAllclose(solveDense(rowsOf(a), [...b.dataSync()]), { rtol: 1e-8, atol: 1e-9 });
    expect(converged.item()).toBe(1);
    expect(residual.item()).toBeLessThan(1e-12);
    const many = vector(3 * n, 6).reshape([n, 3]);
    const all = solve(a.data, many);
    expect(sparse.matmul(a, all)).toBeAllclose(many, { rtol: 1e-11, atol: 1e-11 });
  });

  test('is solved in float32 to its precision', () => {
    const data = a.data.astype('float32');
    const b = vector(n, 5, 'float32');
    const { x, converged } = sparse.solve({ data, pattern: a.pattern }, b, { method });
    expect(x.dtype).toBe('float32');
    expect(converged.item()).toBe(1);
    const back = sparse.matvec(a, x.astype('float64'));
    expect(back).toBeAllclose(b.astype('float64'), { rtol: 1e-3, atol: 1e-3 });
  });

  test('is the same compiled, and in batches of matrices and of right-hand sides', () => {
    const b = vector(n, 5);
    const alone = solve(a.data, b);
    expect(jit(solve)(a.data, b)).toBeAllclose(alone, { rtol: 1e-13, atol: 1e-14 });
    const double = solve(a.data.mul(2), b);
    const each = vmap(solve, { inAxes: [0, null] })(stack([a.data, a.data.mul(2)]), b);
    expect(each).toBeAllclose(stack([alone, double]), { rtol: 1e-13, atol: 1e-14 });
    const both = vmap(solve, { inAxes: [null, 0] })(a.data, stack([b, b.mul(-3)]));
    expect(both).toBeAllclose(stack([alone, alone.mul(-3)]), { rtol: 1e-12, atol: 1e-13 });
  });
});

describe('derivatives of solutions', () => {
  const chosen = [
    [definite[3], 'cholesky'],
    [definite[0], 'lu'],
    [definite[9], 'cholesky'],
    [general[1], 'lu'],
    [general[6], 'lu'],
  ] as const;
  test.each(chosen.map(([one, method]) => [`${one?.[0]} by ${method}`, one, method] as const))(
    'of %s are right to second order',
    (_, one, method) => {
      const [, a] = one ?? ['', laplacian(1)];
      const [n] = a.pattern.shape;
      const solve = (data: Tensor, b: Tensor) =>
        sparse.solve({ data, pattern: a.pattern }, b, { method }).x;
      checkGrads(solve, [a.data, vector(n, 2)], { order: 2 });
      checkGrads(jit(solve), [a.data, vector(2 * n, 2).reshape([n, 2])], { order: 1 });
      const all = ([data, b]: readonly [Tensor, Tensor]) => solve(data, b);
      expect(dotProductTest(all, [a.data, vector(n, 2)]).relativeError).toBeLessThan(1e-10);
    },
  );

  test('in all values are minus the adjoint solution times the solution', () => {
    const [, a] = general[5] ?? ['', laplacian(1)];
    const [n] = a.pattern.shape;
    const b = vector(n, 1);
    const c = vector(n, 2);
    const found = grad((data: Tensor) =>
      sum(sparse.solve({ data, pattern: a.pattern }, b, { method: 'lu' }).x.mul(c)),
    )(a.data);
    const dense = rowsOf(a);
    const flipped = dense.map((_, j) => dense.map((row) => row[j] ?? 0));
    const x = solveDense(dense, [...b.dataSync()]);
    const w = solveDense(flipped, [...c.dataSync()]);
    const { indptr, indices } = a.pattern;
    const expected = [...indices].map((j, k) => {
      const i = indptr.findIndex((start) => start > k) - 1;
      return -(w[i] ?? 0) * (x[j] ?? 0);
    });
    expect(found).toBeAllclose(expected, { rtol: 1e-11, atol: 1e-13 });
  });

  test.each(['cholesky', 'lu'] as const)(
    'by %s take one factorization, and none more for the second',
    (method) => {
      const a = laplacian(4, 4);
      const f = (data: Tensor, b: Tensor) => {
        const { x } = sparse.solve({ data, pattern: a.pattern }, b, { method });
        return sum(x.mul(x));
      };
      const name = method === 'lu' ? 'sparseLu' : 'sparseCholesky';
      const count = (text: string) => text.split(`= ${name}`).length - 1;
      const g = grad(f, { argnums: [0, 1] });
      const first = String(program(jit(g))(a.data, vector(16)));
      expect(first).toContain('sparseFactorSolve');
      expect(count(first)).toBe(1);
      const second = String(
        program(grad((data: Tensor) => sum(grad(f)(data, vector(16)).mul(vector(a.data.size)))))(
          a.data,
        ),
      );
      expect(count(second)).toBe(1);
    },
  );

  test('go through a factorization that was made before', () => {
    const a = laplacian(3, 5);
    const b = vector(15);
    const twice = (data: Tensor) => {
      const factors = sparse.cholesky({ data, pattern: a.pattern });
      return sparse.solve(factors, sparse.solve(factors, b).x).x;
    };
    checkGrads(twice, [a.data], { order: 2 });
    const factors = jit((data: Tensor) => sparse.lu({ data, pattern: a.pattern }))(a.data);
    expect(sparse.matvec(a, sparse.solve(factors, b).x)).toBeAllclose(b, { rtol: 1e-13 });
    expect(() => sparse.solve(factors, b, { method: 'cholesky' })).toThrow(/factorized by lu/);
  });
});

describe('the Poisson equation', () => {
  test('on a line of unit length has the parabola x (1 - x) / 2 as its solution for a load of 1', () => {
    const n = 99;
    const a = laplacian(n);
    const h = 1 / (n + 1);
    const { x } = sparse.solve(a, tensor(new Float64Array(n).fill(h * h)), { method: 'cholesky' });
    const expected = Array.from({ length: n }, (_, i) => ((i + 1) * h * (1 - (i + 1) * h)) / 2);
    expect(x).toBeAllclose(expected, { rtol: 1e-10 });
  });

  test.each(['cholesky', 'lu', 'cg', 'gmres', 'bicgstab'] as const)(
    'on a square has products of sines as its eigenvectors, by %s',
    (method) => {
      const [m, k, l] = [31, 3, 2];
      const sine = (i: number, f: number) => Math.sin((Math.PI * f * (i + 1)) / (m + 1));
      const mode = Array.from(
        { length: m * m },
        (_, i) => sine(i % m, k) * sine(Math.floor(i / m), l),
      );
      const value =
        4 - 2 * Math.cos((Math.PI * k) / (m + 1)) - 2 * Math.cos((Math.PI * l) / (m + 1));
      const { x, converged } = sparse.solve(laplacian(m, m), tensor(mode), { method });
      expect(converged.item()).toBe(1);
      expect(x).toBeAllclose(
        mode.map((v) => v / value),
        { rtol: 1e-8, atol: 1e-8 },
      );
    },
  );

  test('of 10,000 unknowns moves by minus the square of the solution with a shift of its diagonal', () => {
    const m = 100;
    const a = laplacian(m, m);
    const b = vector(m * m, 9);
    const f = jit((shift: Tensor) => {
      const { indptr, indices } = a.pattern;
      const rows = new Int32Array(a.pattern.nnz);
      for (let i = 0; i < m * m; i++) rows.fill(i, indptr[i], indptr[i + 1]);
      const unit = tensor([...indices].map((j, k) => Number(rows[k] === j)));
      const data = a.data.add(unit.mul(shift));
      return sum(sparse.solve({ data, pattern: a.pattern }, b, { method: 'cholesky' }).x.mul(b));
    });
    const x = sparse.solve(a, b, { method: 'cholesky' }).x;
    expect(grad(f)(tensor(0))).toBeAllclose(sum(x.mul(x)).mul(-1), { rtol: 1e-9 });
  });
});

describe('a matrix that cannot be factorized', () => {
  const indefinite = matrixOf(5, 5, (i, j) =>
    i === j ? (i === 3 ? -1 : 2) : Math.abs(i - j) === 1 ? 0.1 : undefined,
  );

  test('is not positive definite, at a row that is named', () => {
    const failing = () => sparse.solve(indefinite, vector(5), { method: 'cholesky' }).x.dataSync();
    expect(failing).toThrow(MatrixError);
    expect(failing).toThrow(/sparse.cholesky: the matrix is not positive definite.*pivot 3/);
    const batch = stack([indefinite.data.abs().mul(3), indefinite.data]);
    expect(() =>
      vmap((data: Tensor) => sparse.cholesky({ data, pattern: indefinite.pattern }).factor)(
        batch,
      ).dataSync(),
    ).toThrow(/matrix 1 of 2 is not positive definite/);
  });

  test('has no entry on its diagonal, and is not positive definite for that', () => {
    const hollow = matrixOf(3, 3, (i, j) => (i === j && i === 1 ? undefined : 1));
    expect(() => sparse.cholesky(hollow)).toThrow(/not positive definite.*pivot 1/);
  });

  test('is singular by its pattern, at a row that is named', () => {
    const twice = matrixOf(4, 4, (i, j) =>
      i === j || (i === 2 && j === 1) ? (i === 2 && j === 2 ? undefined : 1) : undefined,
    );
    expect(() => sparse.lu(twice)).toThrow(/sparse.lu: the matrix is exactly singular/);
    const empty = matrixOf(4, 4, (i, j) => (i === 2 ? undefined : i === j ? 1 : undefined));
    expect(() => sparse.solve(empty, vector(4))).toThrow(/pivot 2/);
  });

  test('is singular by its values, at a row that is named', () => {
    const ones = matrixOf(6, 6, (i, j) =>
      Math.abs(i - j) === 1 || (i === j && i % 5 !== 0)
        ? 1 + (i === j ? 1 : 0)
        : i === j
          ? 1
          : undefined,
    );
    const free = {
      data: ones.data.mul(0).add(
        tensor(
          [...ones.pattern.indices].map((j, k) => {
            const i = ones.pattern.indptr.findIndex((start) => start > k) - 1;
            return i === j ? (i % 5 === 0 ? 1 : 2) : -1;
          }),
        ),
      ),
      pattern: ones.pattern,
    };
    // Rows add up to zero: the Laplacian of a line with free ends.
    expect(() => sparse.solve(free, vector(6), { method: 'lu' }).x.dataSync()).toThrow(MatrixError);
    const zero = { data: free.data.mul(0), pattern: free.pattern };
    expect(() => sparse.solve(zero, vector(6), { method: 'lu' }).x.dataSync()).toThrow(
      /sparse.lu: the matrix is singular, or needs exchanges.*row \d has no pivot/,
    );
  });

  test('does no harm where an entry of a batch is idle', () => {
    const solve = (data: Tensor, b: Tensor) =>
      sparse.solve({ data, pattern: indefinite.pattern }, b, { method: 'cholesky' }).x;
    const guarded = (data: Tensor, good: Tensor, b: Tensor) =>
      cond(good, solve, (_, rhs) => rhs.mul(0), data, b);
    const batch = stack([indefinite.data.abs().mul(3), indefinite.data]);
    const x = vmap(guarded, { inAxes: [0, 0, null] })(batch, tensor([true, false]), vector(5));
    expect(x.at(0)).toBeAllclose(solve(indefinite.data.abs().mul(3), vector(5)), { rtol: 1e-14 });
    expect(x.at(1)).toBeAllclose([0, 0, 0, 0, 0], { rtol: 0 });
  });

  test('is differentiated in the branch that some entries of a batch take', () => {
    const { data, pattern } = matrixOf(4, 4, (i, j) => (j <= i ? 2 + i - j : undefined));
    const loss = (x: Tensor, chosen: Tensor) =>
      cond(
        chosen,
        (values) => sparse.triangularSolve({ data: values, pattern }, vector(4)).sum(),
        (values) => values.sum(),
        data.mul(x),
      );
    const [x, chosen] = [tensor([1.5, -0.5]), tensor([false, true])];
    const slopes = vmap(grad(loss), { inAxes: [0, 0] })(x, chosen);
    expect(slopes.at(0)).toBeAllclose(data.sum(), { rtol: 1e-14 });
    const solution = sparse.triangularSolve({ data, pattern }, vector(4)).sum();
    expect(slopes.at(1)).toBeAllclose(solution.mul(-4), { rtol: 1e-14 });
  });

  test('that is not square, or has a pattern that is not symmetric, is refused', () => {
    const wide = matrixOf(2, 3, () => 1);
    expect(() => sparse.lu(wide)).toThrow(/sparse.lu: the argument must be square/);
    const upper = matrixOf(3, 3, (i, j) => (j >= i ? 1 : undefined));
    expect(() => sparse.cholesky(upper)).toThrow(/the pattern is not symmetric/);
    expect(() => sparse.solve(upper, vector(4))).toThrow(/a vector \[3\]/);
  });
});

test('pivots that were changed are corrected by refinement, and its steps and residual told', () => {
  // All elements of the diagonal are zeros that the pattern holds.
  const next = numbers(6);
  const n = 150;
  const at = new Map<string, number>();
  for (let i = 0; i < n; i++) at.set(`${i} ${(7 * i + 3) % n}`, 2 + next());
  for (let k = 0; k < 2 * n; k++) {
    at.set(`${Math.floor(next() * n)} ${Math.floor(next() * n)}`, next() - 0.5);
  }
  for (let i = 0; i < n; i++) at.set(`${i} ${i}`, 0);
  const a = matrixOf(n, n, (i, j) => at.get(`${i} ${j}`));
  const b = vector(n, 3);
  const { x, iterations, residual, converged } = sparse.solve(a, b, { method: 'lu' });
  expect(converged.item()).toBe(1);
  expect(iterations.item()).toBeGreaterThan(1);
  expect(residual.item()).toBeLessThan(1e-14);
  expect(x).toBeAllclose(solveDense(rowsOf(a), [...b.dataSync()]), { rtol: 1e-11, atol: 1e-12 });
});

test('rows and columns of very different size do no harm', () => {
  const [, a] = general[5] ?? ['', laplacian(1)];
  const [n] = a.pattern.shape;
  const power = (i: number) => 10 ** (((7 * i) % 13) - 6);
  const dense = rowsOf(a).map((row, i) => row.map((x, j) => x * power(i) * power(j + 3)));
  const scaled = sparse.fromDense(dense);
  const exact = vector(n, 2);
  const { x } = sparse.solve(scaled, sparse.matvec(scaled, exact), { method: 'lu' });
  expect(sparse.matvec(scaled, x)).toBeAllclose(sparse.matvec(scaled, exact), { rtol: 1e-9 });
});

test('the size of a factor is known before it is computed', () => {
  const { pattern } = laplacian(30, 30);
  const { fill, work } = sparse.factorSize(pattern);
  expect(fill).toBeGreaterThan(pattern.nnz / 2);
  expect(fill).toBeLessThan(900 * 30);
  expect(work).toBeGreaterThan(fill);
  expect(() =>
    sparse.factorSize(new SparsityPattern({ shape: [1, 2], indptr: [0, 0], indices: [] })),
  ).toThrow(/square/);
});

// Corrections hide what is wrong with a factor; so there must be few of them.
test.each([[[30, 31]], [[5, 6, 7]], [[40]]])(
  'factors of a grid of %j need at most one correction',
  (extents) => {
    const b = vector(extents.reduce((n, extent) => n * extent));
    for (const method of ['cholesky', 'lu'] as const) {
      const solution = sparse.solve(laplacian(...extents), b, { method });
      expect(solution.iterations.item()).toBeLessThanOrEqual(1);
      expect(solution.residual.item()).toBeLessThan(1e-13);
    }
  },
);
