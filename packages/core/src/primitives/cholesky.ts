/**
 * A = L L' for positive definite A, of which the triangle at and below the diagonal is read.
 *
 * Larger matrices are factorized in blocks of rows, from the top, as A = U'U: what is above the
 * diagonal is contiguous in memory, along which the loops inside a block go. The rest of the matrix
 * then loses the product of the block's columns at once, as tiles. In the end U is turned into L.
 *
 * The tangent is dL = L F(L^-1 dA L^-T), where F halves the diagonal and drops what is above it.
 *
 * @see Murray, Differentiation of the Cholesky decomposition, arXiv:1602.07527 (2016).
 */

import { type Affine, affineConst, affineZero, type Index } from '../kernel/affine.ts';
import type { Expr } from '../kernel/expr.ts';
import {
  binary,
  compare,
  constant,
  indexValue,
  onlyWhere,
  required,
  select,
  unary,
} from '../kernel/scalars.ts';
import { allocate } from '../tensor/dtype.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { tensorType } from '../tensor/type.ts';
import { add, mul } from './arithmetic.ts';
import { CompensatedSum } from './compensated-sum.ts';
import { filledLike } from './create.ts';
import { type CallablePrimitive, definePrimitive, type Read } from './define.ts';
import { dot } from './dot.ts';
import { MatrixError } from './factorization-error.ts';
import { forLaws, type Laws } from './for-laws.ts';
import {
  after,
  type Block,
  eachBlock,
  element,
  hungOn,
  matrixTranspose,
  mostUnrolled,
  overBatches,
  pivotDetail,
  readMatrix,
  squareExtents,
  subtractProduct,
} from './matrices.ts';
import type { NestBuilder } from './nest-builder.ts';
import { lowerTriangle } from './triangle.ts';
import { triangularSolve } from './triangular-solve.ts';

/** The name in messages. */
const operation = 'linalg.cholesky';

/** Lower Cholesky factors of a batch of matrices `[b, n, n]`. */
export const cholesky: CallablePrimitive<1, object> = definePrimitive({
  name: 'cholesky',
  arity: 1,
  mayFail: true,
  type: ([a]) => {
    squareExtents('cholesky', a);
    return tensorType(a.dtype, a.shape);
  },
  linearize: ([a]) => {
    const l = cholesky(a);
    const solve = (x: Tensor): Tensor => triangularSolve(l, x, lowerSolve);
    return [
      l,
      (da) => {
        const below = lowerTriangle(da, -1);
        const symmetric = add(lowerTriangle(da), matrixTranspose(below));
        const inner = solve(matrixTranspose(solve(symmetric)));
        return dot(l, halvedLower(inner));
      },
    ];
  },
  idle: ['identity'],
  vmap: ([a]) => overBatches([a], ([x = a]) => cholesky(x)),
  lower: {
    kind: 'nest',
    emit: (k, [read], { operands: [a], site }) => {
      const { batch, order } = squareExtents('cholesky', a);
      const failure = site('notPositiveDefinite', order, { entries: batch, operation });
      const check: Check = (pivot, entry, at) => {
        const positive = compare('gt', pivot, constant(pivot.type, 0));
        return required(positive, failure, pivotDetail(entry, order, at));
      };
      k.forEach([batch], ([entry = affineZero]) => {
        if (order <= mostUnrolled) unrolled(k, read, entry, order, check);
        else inBlocks(k, read, entry, order, check);
      });
    },
  },
});

/** What the laws hold `cholesky` to. */
export const choleskyLaws: Laws = forLaws<1, object>(cholesky, {
  reference: ([a], result) => {
    const { batch, order } = squareExtents('cholesky', a.type);
    const data = allocate(result.dtype, sizeOf(result.shape));
    for (let entry = 0; entry < batch; entry++) {
      const at = (i: number, j: number): number => (entry * order + i) * order + j;
      for (let j = 0; j < order; j++) {
        for (let i = j; i < order; i++) {
          const sum = new CompensatedSum();
          sum.add(a.data[at(i, j)] ?? Number.NaN);
          for (let t = 0; t < j; t++) sum.add(-(data[at(i, t)] ?? 0) * (data[at(j, t)] ?? 0));
          if (i === j && !(sum.value > 0)) {
            throw new MatrixError(operation, 'notPositiveDefinite', {
              entry,
              pivot: j,
              entries: batch,
            });
          }
          data[at(i, j)] = i === j ? Math.sqrt(sum.value) : sum.value / (data[at(j, j)] ?? 0);
        }
      }
    }
    return data;
  },
  samples: () =>
    [
      { title: 'a matrix', order: 3 },
      { title: 'one element', order: 1 },
      { title: 'no rows', order: 0 },
      { title: 'no matrices', order: 3, batch: 0 },
      { title: 'a batch', order: 2, batch: 3 },
      { title: 'rows in loops', order: 7 },
    ].map(({ title, order, batch = 1 }) => ({
      title,
      operands: [{ shape: [batch, order, order], positiveDefinite: true }],
      params: {},
    })),
});

const lowerSolve = { lower: true, transposed: false, unit: false, tolerance: 0 } as const;

function halvedLower(x: Tensor): Tensor {
  return mul(filledLike(x, 0.5), add(lowerTriangle(x), lowerTriangle(x, -1)));
}

/** Whether a pivot is positive, or else a failure. */
type Check = (pivot: Expr, entry: Affine, at: Affine) => Expr;

function unrolled(k: NestBuilder, read: Read, entry: Affine, order: number, check: Check): void {
  const a = readMatrix(read, entry, order, order);
  const l: Expr[][] = a.map(() => []);
  const checks: Expr[] = [];
  const root = (pivot: Expr, at: number): Expr => {
    const good = check(pivot, entry, affineConst(at));
    checks.push(good);
    return unary('sqrt', onlyWhere(good, pivot));
  };
  l.forEach((row, i) => {
    for (let j = 0; j <= i; j++) {
      let sum = element(a, i, j);
      for (let t = 0; t < j; t++) {
        sum = binary('sub', sum, binary('mul', element(l, i, t), element(l, j, t)));
      }
      row.push(i === j ? root(sum, j) : binary('div', sum, element(l, j, j)));
    }
  });
  const whole = hungOn(checks);
  l.forEach((row, i) => {
    for (let j = 0; j < order; j++) {
      const value = row[j] ?? constant(element(a, i, j).type, 0);
      k.write(0, [entry, affineConst(i), affineConst(j)], whole(value));
    }
  });
}

function inBlocks(k: NestBuilder, read: Read, entry: Affine, order: number, check: Check): void {
  const end = affineConst(order);
  const at = (i: Affine, j: Affine): Index => [entry, i, j];
  const u = (i: Affine, j: Affine): Expr => k.readResult(0, at(i, j));
  k.forEach([order, order], ([i = affineZero, j = affineZero]) => {
    const value = read([entry, j, i]);
    const above = compare('ge', indexValue(j), indexValue(i));
    k.write(0, at(i, j), select(above, value, constant(value.type, 0)));
  });
  eachBlock(k, order, affineZero, ({ start, size }, number) => {
    k.range(affineZero, affineConst(size), (step) => {
      const c = after(start, step);
      const diagonal = u(c, c);
      const pivot = onlyWhere(check(diagonal, entry, c), diagonal);
      const d = k.local(diagonal.type, unary('sqrt', pivot));
      k.write(0, at(c, c), d.get());
      const scale = (j: Affine): void => k.write(0, at(c, j), binary('div', u(c, j), d.get()));
      k.range(after(c, 1), end, scale, true);
      k.range(after(step, 1), affineConst(size), (below) => {
        const i = after(start, below);
        const factor = k.local(diagonal.type, u(c, i));
        const update = (j: Affine): void =>
          k.write(0, at(i, j), binary('sub', u(i, j), binary('mul', factor.get(), u(c, j))));
        k.range(i, end, update, true);
      });
    });
    if (!number) return;
    eachBlock(k, order, after(number, 1), (rows, rowNumber) => {
      const update = (columns: Block): void =>
        subtractProduct(
          k,
          { rows: rows.size, columns: columns.size, terms: size },
          (row, term) => u(after(start, term), after(rows.start, row)),
          (term, column) => u(after(start, term), after(columns.start, column)),
          (row, column) => at(after(rows.start, row), after(columns.start, column)),
        );
      if (rowNumber) eachBlock(k, order, rowNumber, update);
      else update(rows);
    });
  });
  k.range(affineZero, end, (i) => {
    k.range(affineZero, i, (j) => k.write(0, at(i, j), u(j, i)), true);
  });
  k.range(affineZero, end, (i) => {
    const zero = constant(u(i, i).type, 0);
    k.range(after(i, 1), end, (j) => k.write(0, at(i, j), zero), true);
  });
}
