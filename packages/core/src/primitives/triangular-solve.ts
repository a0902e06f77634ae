/**
 * Systems of equations with triangular matrices, by substitution. What is known of x is taken away
 * from the rows that are left: row by row inside a block, and as a product of the matrix's block
 * column with the block of x from all others.
 */

import {
  type Affine,
  affineAdd,
  affineConst,
  affineScale,
  affineZero,
  type Index,
} from '../kernel/affine.ts';
import type { Expr } from '../kernel/expr.ts';
import { binary, compare, constant, onlyWhere, required, unary } from '../kernel/scalars.ts';
import { allocate } from '../tensor/dtype.ts';
import { DTypeError, ShapeError, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { describeType, tensorType } from '../tensor/type.ts';
import { add, neg } from './arithmetic.ts';
import { CompensatedSum } from './compensated-sum.ts';
import { isLinear } from './cotangent.ts';
import {
  type CallablePrimitive,
  definePrimitive,
  type ReferenceArray,
  type Sample,
} from './define.ts';
import { dot } from './dot.ts';
import { MatrixError, type MatrixFault } from './factorization-error.ts';
import { forLaws, type Laws } from './for-laws.ts';
import {
  after,
  type Block,
  batchedSolve,
  eachBlock,
  hungOn,
  matrixExtents,
  matrixTranspose,
  mostUnrolled,
  pivotDetail,
  squareExtents,
  subtractProduct,
} from './matrices.ts';
import type { NestBuilder } from './nest-builder.ts';
import { spreadAlong, spreadOver } from './spread.ts';
import { lowerTriangle, upperTriangle } from './triangle.ts';

export interface TriangularSolveParams {
  /** Whether the triangle at and below the diagonal is used, or that at and above it. */
  readonly lower: boolean;
  /** Whether its transpose is what stands in the equations. */
  readonly transposed: boolean;
  /** Whether the diagonal counts as ones. */
  readonly unit: boolean;
  /** A diagonal element is a fault unless it is larger than the largest one times this. */
  readonly tolerance: number;
  /** The operation that messages name. */
  readonly operation?: string;
}

function faultOf({ tolerance }: TriangularSolveParams): MatrixFault {
  return tolerance > 0 ? 'rankDeficient' : 'singular';
}

/** The triangle that is used, of a tangent. */
function triangleOf(x: Tensor, { lower, unit }: TriangularSolveParams): Tensor {
  return lower ? lowerTriangle(x, unit ? -1 : 0) : upperTriangle(x, unit ? 1 : 0);
}

/** x with T x = b, of batches of matrices `[b, n, n]` and `[b, n, m]`; linear in b. */
export const triangularSolve: CallablePrimitive<2, TriangularSolveParams> = definePrimitive({
  name: 'triangularSolve',
  arity: 2,
  mayFail: true,
  type: ([t, b], _: TriangularSolveParams) => {
    const { batch, order } = squareExtents('triangularSolve', t);
    const given = matrixExtents('triangularSolve', b);
    const both = `${describeType(t)} and ${describeType(b)}`;
    if (t.dtype !== b.dtype) throw new DTypeError(`triangularSolve: dtypes differ: ${both}.`);
    if (given.batch !== batch || given.rows !== order) {
      throw new ShapeError(`triangularSolve: [b, n, n] and [b, n, m] are needed; got ${both}.`);
    }
    return tensorType(b.dtype, b.shape);
  },
  linearize: ([t, b], params) => {
    const x = triangularSolve(t, b, params);
    return [
      x,
      (dt) => {
        const moved = triangleOf(dt, params);
        const all = params.transposed ? matrixTranspose(moved) : moved;
        return triangularSolve(t, neg(dot(all, x)), params);
      },
      (db) => triangularSolve(t, db, params),
    ];
  },
  transpose: (ct, [t, b], params) => {
    if (isLinear(t) || !isLinear(b)) return;
    b.add(triangularSolve(t, ct, { ...params, transposed: !params.transposed }));
  },
  idle: ['identity', 0],
  vmap: (operands, batched, params) =>
    batchedSolve(operands, batched, ([t, b]) => {
      if (!t || !b) throw new Error('unreachable');
      return triangularSolve(t, b, params);
    }),
  dependence: {
    kind: 'like',
    like: ([t, b]) => {
      const columns = b.shape[2] ?? 0;
      const matrices = spreadOver(spreadAlong(t, [1]), 2, 1, [columns]);
      return add(spreadAlong(b, [1]), matrices);
    },
  },
  lower: {
    kind: 'nest',
    emit: (k, [readT, readB], { operands: [t, b], params, site }) => {
      const { batch, order } = squareExtents('triangularSolve', t);
      const columns = b.shape[2] ?? 0;
      const { operation } = params;
      const about = { entries: batch, ...(operation !== undefined && { operation }) };
      const failure = params.unit ? 0 : site(faultOf(params), order, about);
      const system: System = {
        order,
        columns,
        backward: params.lower === params.transposed,
        t: (entry, i, j) => readT([entry, ...(params.transposed ? [j, i] : [i, j])]),
        check: (entry, at, least) => {
          if (params.unit) return undefined;
          const d = readT([entry, at, at]);
          const large = compare('gt', unary('abs', d), least ?? constant(d.type, 0));
          // NaN is not a fault: it shows in the result.
          const good = binary('or', large, compare('ne', d, d));
          return required(good, failure, pivotDetail(entry, order, at));
        },
      };
      if (order <= mostUnrolled && params.tolerance === 0) {
        k.forEach([batch, columns], ([entry = affineZero, column = affineZero]) =>
          unrolled(k, system, entry, column, (i) => readB([entry, affineConst(i), column])),
        );
        return;
      }
      k.forEach([batch], ([entry = affineZero]) => {
        let least: Expr | undefined;
        if (params.tolerance > 0) {
          const size = ([i = affineZero]: Index): Expr => unary('abs', readT([entry, i, i]));
          const largest = k.reduce('max', [order], size);
          const tolerance = constant(largest.type, params.tolerance);
          least = k.local(largest.type, binary('mul', tolerance, largest)).get();
        }
        k.forEach([order, columns], ([i = affineZero, j = affineZero]) =>
          k.write(0, [entry, i, j], readB([entry, i, j])),
        );
        inBlocks(k, system, entry, least);
      });
    },
  },
});

/** What the laws hold `triangularSolve` to. */
export const triangularSolveLaws: Laws = forLaws<2, TriangularSolveParams>(triangularSolve, {
  reference: ([t, b], result, params) => {
    const { batch, order } = squareExtents('triangularSolve', t.type);
    const columns = b.type.shape[2] ?? 0;
    const data = allocate(result.dtype, sizeOf(result.shape));
    for (let entry = 0; entry < batch; entry++) {
      checkDiagonal(t, entry, params);
      const at = (i: number, j: number): number =>
        t.data[
          (entry * order + (params.transposed ? j : i)) * order + (params.transposed ? i : j)
        ] ?? Number.NaN;
      const backward = params.lower === params.transposed;
      for (let column = 0; column < columns; column++) {
        const place = (i: number): number => (entry * order + i) * columns + column;
        for (let step = 0; step < order; step++) {
          const i = backward ? order - 1 - step : step;
          const sum = new CompensatedSum();
          sum.add(b.data[place(i)] ?? Number.NaN);
          for (let earlier = 0; earlier < step; earlier++) {
            const j = backward ? order - 1 - earlier : earlier;
            sum.add(-at(i, j) * (data[place(j)] ?? 0));
          }
          data[place(i)] = params.unit ? sum.value : sum.value / at(i, i);
        }
      }
    }
    return data;
  },
  samples: () =>
    [
      { title: 'a matrix', t: [1, 3, 3], b: [1, 3, 2] },
      { title: 'one element', t: [1, 1, 1], b: [1, 1, 1] },
      { title: 'no rows', t: [1, 0, 0], b: [1, 0, 2] },
      { title: 'no columns', t: [1, 3, 3], b: [1, 3, 0] },
      { title: 'a batch', t: [2, 3, 3], b: [2, 3, 1] },
      { title: 'rows in loops', t: [1, 7, 7], b: [1, 7, 3] },
    ].flatMap(({ title, t, b }): Sample<TriangularSolveParams>[] =>
      [
        { lower: true, transposed: false, unit: false, tolerance: 0 },
        { lower: false, transposed: false, unit: true, tolerance: 0 },
        { lower: true, transposed: true, unit: true, tolerance: 0 },
        { lower: false, transposed: true, unit: false, tolerance: 1e-3 },
      ].map((params) => ({
        title,
        operands: [{ shape: t, from: 0.5, to: 1.5 }, { shape: b }],
        params,
      })),
    ),
});

function checkDiagonal(t: ReferenceArray, entry: number, params: TriangularSolveParams): void {
  if (params.unit) return;
  const { batch, order } = squareExtents('triangularSolve', t.type);
  const sizes = Array.from({ length: order }, (_, i) =>
    Math.abs(t.data[(entry * order + i) * order + i] ?? Number.NaN),
  );
  const least = params.tolerance * Math.max(0, ...sizes);
  const pivot = sizes.findIndex((size) => size <= least);
  if (pivot < 0) return;
  const operation = params.operation ?? 'triangularSolve';
  throw new MatrixError(operation, faultOf(params), { entry, pivot, entries: batch });
}

/** A system to be solved in the memory of the result. */
interface System {
  readonly order: number;
  readonly columns: number;
  /** Whether the last unknown is found first. */
  readonly backward: boolean;
  t(entry: Affine, i: Affine, j: Affine): Expr;
  /** Whether a diagonal element is larger than `least`, or else a failure; none where it is one. */
  check(entry: Affine, at: Affine, least?: Expr): Expr | undefined;
}

function unrolled(
  k: NestBuilder,
  { order, backward, t, check }: System,
  entry: Affine,
  column: Affine,
  b: (i: number) => Expr,
): void {
  const x: Expr[] = [];
  const checks: Expr[] = [];
  const rows = Array.from({ length: order }, (_, i) => (backward ? order - 1 - i : i));
  for (const i of rows) {
    const sum = rows.slice(0, x.length).reduce((rest, j, step) => {
      const known = x[step];
      if (!known) throw new Error('unreachable');
      return binary('sub', rest, binary('mul', t(entry, affineConst(i), affineConst(j)), known));
    }, b(i));
    const at = affineConst(i);
    const good = check(entry, at);
    if (good) checks.push(good);
    x.push(good ? binary('div', sum, t(entry, at, at)) : sum);
  }
  const whole = hungOn(checks);
  rows.forEach((i, step) => {
    const value = x[step];
    if (value) k.write(0, [entry, affineConst(i), column], whole(value));
  });
}

function inBlocks(k: NestBuilder, system: System, entry: Affine, least: Expr | undefined): void {
  const { order, columns, backward, t, check } = system;
  const x = (i: Affine, j: Affine): Expr => k.readResult(0, [entry, i, j]);
  // The first position of a block counted from the end the solution begins with.
  const first = ({ start, size }: Block): Affine =>
    backward ? affineAdd(affineConst(order - size), affineScale(start, -1)) : start;
  eachBlock(k, order, affineZero, (block, number) => {
    const { size } = block;
    const from = first(block);
    const row = (step: Affine): Affine =>
      backward ? affineAdd(after(from, size - 1), affineScale(step, -1)) : after(from, step);
    k.range(affineZero, affineConst(size), (step) => {
      const i = row(step);
      const good = check(entry, i, least);
      if (good) {
        const d = k.local(t(entry, i, i).type, onlyWhere(good, t(entry, i, i)));
        k.forEach([columns], ([j = affineZero]) =>
          k.write(0, [entry, i, j], binary('div', x(i, j), d.get())),
        );
      }
      k.range(after(step, 1), affineConst(size), (later) => {
        const below = row(later);
        const factor = k.local(t(entry, i, i).type, t(entry, below, i));
        k.forEach([columns], ([j = affineZero]) => {
          const known = binary('mul', factor.get(), x(i, j));
          k.write(0, [entry, below, j], binary('sub', x(below, j), known));
        });
      });
    });
    if (!number) return;
    eachBlock(k, order, after(number, 1), (rows) => {
      const to = first(rows);
      subtractProduct(
        k,
        { rows: rows.size, columns, terms: size },
        (i, term) => t(entry, after(to, i), after(from, term)),
        (term, j) => x(after(from, term), j),
        (i, j) => [entry, after(to, i), j],
      );
    });
  });
}
