import { grad, jit, jvp, matmul, sparse, sparseJacobian, sum, tensor, vjp, vmap } from '@grad/core';
import { checkGrads, dotProductTest, gradMatchers } from '@grad/core/testing';
import type {} from '@grad/core/testing/vitest';
import { describe, expect, test } from 'vitest';
import { laplacian, matrixOf, rowsOf, vector } from './matrices.ts';

expect.extend(gradMatchers);

/** Three rows by four columns, the second row empty. */
const small = matrixOf(3, 4, (i, j) =>
  i !== 1 && (i + j) % 2 === 0 ? 1 + i - 0.5 * j : undefined,
);
const other = matrixOf(3, 4, (i, j) => (j === 1 || i === 1 ? 0.3 + i + j : undefined));
const tall = matrixOf(4, 5, (i, j) => ((i * j) % 3 === 1 || j === 0 ? i - j + 0.25 : undefined));

describe('a sparse matrix', () => {
  test('adds up entries at one place, in any order', () => {
    const a = sparse.coo({
      shape: [2, 3],
      rows: [1, 0, 1, 1],
      columns: [2, 1, 0, 2],
      data: [1, 2, 3, 4],
    });
    expect(rowsOf(a)).toEqual([
      [0, 2, 0],
      [3, 0, 5],
    ]);
    expect([...a.pattern.indices]).toEqual([1, 0, 2]);
    const f = (data: ReturnType<typeof tensor>) =>
      sparse.coo({ shape: [2, 3], rows: [1, 0, 1, 1], columns: [2, 1, 0, 2], data }).data;
    checkGrads(f, [vector(4)], { order: 2 });
    const weights = tensor([1, 10, 100]);
    const g = grad((data: ReturnType<typeof tensor>) => sum(f(data).mul(weights)))(vector(4));
    expect(g.toArray()).toEqual([100, 1, 10, 100]);
  });

  test('is made of rows as SciPy has them, sorted or not', () => {
    const sorted = sparse.csr({
      shape: [2, 3],
      indptr: [0, 2, 3],
      indices: [0, 2, 1],
      data: [1, 2, 3],
    });
    const mixed = sparse.csr({
      shape: [2, 3],
      indptr: [0, 3, 4],
      indices: [2, 0, 2, 1],
      data: [1, 1, 1, 3],
    });
    expect(rowsOf(sorted)).toEqual(rowsOf(mixed));
    const again = sparse.csr({ pattern: sorted.pattern, data: [4, 5, 6] });
    expect(again.pattern).toBe(sorted.pattern);
    expect(rowsOf(again)).toEqual([
      [4, 0, 5],
      [0, 6, 0],
    ]);
  });

  test('comes from a dense one and goes back', () => {
    const dense = tensor(rowsOf(small));
    const found = sparse.fromDense(dense);
    expect(sparse.toDense(found).toArray()).toEqual(dense.toArray());
    const { pattern } = small;
    const there = jit((x: typeof dense) => sparse.toDense(sparse.fromDense(x, { pattern })));
    expect(there(dense).toArray()).toEqual(dense.toArray());
    expect(() => jit((x: typeof dense) => sparse.toDense(sparse.fromDense(x)))(dense)).toThrow(
      /sparse.fromDense: .*give the pattern/,
    );
    checkGrads((x: typeof dense) => sparse.fromDense(x, { pattern }).data, [dense], { order: 2 });
  });

  test('of no rows, or of no entries, is one too', () => {
    const none = matrixOf(0, 3, () => undefined);
    const zero = matrixOf(2, 3, () => undefined);
    expect(sparse.matvec(none, vector(3)).shape).toEqual([0]);
    expect(sparse.matvec(zero, vector(3)).toArray()).toEqual([0, 0]);
    expect(sparse.toDense(sparse.transpose(zero)).shape).toEqual([3, 2]);
    expect(sparse.matmul(sparse.transpose(zero), zero).pattern.nnz).toBe(0);
  });

  test('is what sparseJacobian gives', () => {
    const x = vector(6);
    const f = (v: typeof x) => v.mul(v).mul(0.5).add(v);
    const jacobian = sparseJacobian(f)(x);
    const [, dy] = jvp(f, [x], [vector(6, 2)]);
    expect(sparse.matvec(jacobian, vector(6, 2))).toBeAllclose(dy, { rtol: 1e-14 });
  });
});

describe('operations on sparse matrices', () => {
  const cases = [
    [
      'transpose',
      () => sparse.toDense(sparse.transpose(small)),
      () => tensor(rowsOf(small)).transpose(),
    ],
    [
      'add',
      () => sparse.toDense(sparse.add(small, other)),
      () => tensor(rowsOf(small)).add(tensor(rowsOf(other))),
    ],
    [
      'add to itself',
      () => sparse.toDense(sparse.add(small, small)),
      () => tensor(rowsOf(small)).mul(2),
    ],
    ['scale', () => sparse.toDense(sparse.scale(small, -3)), () => tensor(rowsOf(small)).mul(-3)],
    ['diagonal', () => sparse.diagonal(other), () => tensor([0, 1.3 + 1, 0])],
    [
      'matvec',
      () => sparse.matvec(small, vector(4)),
      () => matmul(tensor(rowsOf(small)), vector(4)),
    ],
    [
      'matmul by a dense matrix',
      () => sparse.matmul(small, vector(12).reshape([4, 3])),
      () => matmul(tensor(rowsOf(small)), vector(12).reshape([4, 3])),
    ],
    [
      'matmul by a sparse matrix',
      () => sparse.toDense(sparse.matmul(small, tall)),
      () => matmul(tensor(rowsOf(small)), tensor(rowsOf(tall))),
    ],
  ] as const;
  test.each(cases)('%s is that of dense matrices', (_, found, expected) => {
    expect(found()).toBeAllclose(expected(), { rtol: 1e-14, atol: 1e-15 });
  });

  type T = ReturnType<typeof tensor>;
  const of = (data: T) => ({ data, pattern: small.pattern });
  const functions = [
    ['transpose', (data: T) => sparse.transpose(of(data)).data, [small.data]],
    [
      'add',
      (data: T, b: T) => sparse.add(of(data), { data: b, pattern: other.pattern }).data,
      [small.data, other.data],
    ],
    ['scale', (data: T, by: T) => sparse.scale(of(data), by).data, [small.data, tensor(1.5)]],
    ['diagonal', (data: T) => sparse.diagonal(of(data)), [small.data]],
    ['toDense', (data: T) => sparse.toDense(of(data)), [small.data]],
    ['matvec', (data: T, x: T) => sparse.matvec(of(data), x), [small.data, vector(4)]],
    [
      'matmul',
      (data: T, x: T) => sparse.matmul(of(data), x.reshape([4, 2])),
      [small.data, vector(8)],
    ],
    [
      'product',
      (data: T, b: T) => sparse.matmul(of(data), { data: b, pattern: tall.pattern }).data,
      [small.data, tall.data],
    ],
  ] as const satisfies readonly (readonly [string, (...args: T[]) => T, readonly T[]])[];
  test.each(functions)(
    '%s has derivatives, and is the same compiled and in batches',
    (_, f: (...args: T[]) => T, args: readonly T[]) => {
      checkGrads(f, [...args], { order: 2 });
      const all = (given: readonly T[]) => f(...given);
      expect(dotProductTest(all, [...args]).relativeError).toBeLessThan(1e-12);
      expect(jit(f)(...args)).toBeAllclose(f(...args), { rtol: 1e-15 });
      const batch = args.map((x) => x.mul(2).reshape([1, ...x.shape]));
      const entries = vmap(f)(...batch);
      expect(entries.shape[0]).toBe(1);
      expect(entries.at(0)).toBeAllclose(f(...args.map((x) => x.mul(2))), { rtol: 1e-15 });
      const single = args.map((x) => x.astype('float32'));
      expect(f(...single).dtype).toBe('float32');
      expect(f(...single).astype('float64')).toBeAllclose(f(...args), { rtol: 1e-6, atol: 1e-6 });
    },
  );

  test('a product with a large matrix has the pattern of the transposed one backwards', () => {
    const a = laplacian(40, 30);
    const x = vector(1200);
    const [y, pullback] = vjp((v: T) => sparse.matvec(a, v), x);
    const [back] = pullback(y);
    expect(back).toBeAllclose(sparse.matvec(sparse.transpose(a), y), { rtol: 1e-13, atol: 1e-13 });
  });

  test('arguments that do not fit are refused', () => {
    expect(() => sparse.matvec(small, vector(3))).toThrow(/sparse.matvec: a vector \[4\]/);
    expect(() => sparse.matvec(small, vector(4, 1, 'float32'))).toThrow(/float64 .* float32/);
    expect(() => sparse.add(small, tall)).toThrow(/sparse.add: shapes \[3, 4\] and \[4, 5\]/);
    expect(() => sparse.matmul(small, other)).toThrow(/inner extents 4 and 3/);
    expect(() => sparse.coo({ shape: [2, 2], rows: [2], columns: [0], data: [1] })).toThrow(
      /sparse.coo: entry 0 is in row 2/,
    );
    expect(() => sparse.coo({ shape: [2, 2], rows: [1], columns: [0, 1], data: [1] })).toThrow(
      /1 rows, 2 columns/,
    );
  });
});

describe('a triangular system', () => {
  const square = matrixOf(5, 5, (i, j) =>
    i === j ? 2 + i : (i + 2 * j) % 3 === 0 ? 0.5 : undefined,
  );
  type T = ReturnType<typeof tensor>;
  const options = [true, false].flatMap((upper) =>
    [true, false].flatMap((unit) =>
      [true, false].map((transposed) => ({ upper, unit, transposed })),
    ),
  );
  test.each(options)('with %o is solved, and differentiated', ({ upper, unit, transposed }) => {
    const solve = (data: T, b: T) =>
      sparse.triangularSolve({ data, pattern: square.pattern }, b, { upper, unit, transposed });
    const dense = rowsOf(square).map((row, i) =>
      row.map((x, j) => (i === j ? (unit ? 1 : x) : upper === j > i ? x : 0)),
    );
    const triangle = transposed ? tensor(dense).transpose() : tensor(dense);
    const b = vector(5);
    const x = solve(square.data, b);
    expect(matmul(triangle, x)).toBeAllclose(b, { rtol: 1e-14, atol: 1e-15 });
    checkGrads(solve, [square.data, b], { order: 2 });
    const many = vector(15).reshape([5, 3]);
    expect(matmul(triangle, solve(square.data, many))).toBeAllclose(many, {
      rtol: 1e-14,
      atol: 1e-15,
    });
    const batch = vmap(solve, { inAxes: [null, 1], outAxes: 1 })(square.data, many);
    expect(batch).toBeAllclose(solve(square.data, many), { rtol: 1e-15 });
  });

  test('with a zero on the diagonal is an error that names the row', () => {
    const data = square.data.dataSync();
    const at = square.pattern.indptr[3] ?? 0;
    const zeroed = data.map((x, k) =>
      k >= at && square.pattern.indices[k] === 3 && k < (square.pattern.indptr[4] ?? 0) ? 0 : x,
    );
    expect(() =>
      sparse
        .triangularSolve({ data: tensor(zeroed), pattern: square.pattern }, vector(5))
        .dataSync(),
    ).toThrow(/sparse.triangularSolve: the matrix is exactly singular: pivot 3/);
  });
});
