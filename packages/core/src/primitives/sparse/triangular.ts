import {
  type Affine,
  affineConst,
  affineLoop,
  affineShift,
  affineZero,
} from '../../kernel/affine.ts';
import type { Expr } from '../../kernel/expr.ts';
import { binary, compare, constant } from '../../kernel/scalars.ts';
import { allocate, isFloat } from '../../tensor/dtype.ts';
import { DTypeError, ShapeError } from '../../tensor/shape.ts';
import { describeType, tensorType } from '../../tensor/type.ts';
import { isLinear } from '../cotangent.ts';
import { type CallablePrimitive, definePrimitive, type Sample } from '../define.ts';
import { MatrixError } from '../factorization-error.ts';
import { forLaws, type Laws } from '../for-laws.ts';
import { checked } from './checked.ts';
import { lessProduct } from './front.ts';
import { minus, place, plus, times } from './positions.ts';
import { batchedSolve } from './shared-solve.ts';

export interface TriangularParams {
  /** Whether the matrix is upper triangular, and not lower. */
  readonly upper: boolean;
  /** Whether the transposed system is solved. */
  readonly transposed: boolean;
}

/**
 * Solves by triangular sparse matrices of one pattern: values `[batch, nnz]`, right-hand sides
 * `[batch, n, columns]`, bounds of rows and columns of entries. Each row ends with its diagonal, or begins
 * with it in an upper triangle. Linear in the right-hand sides; the matrix counts as constant.
 */
export const triangular: CallablePrimitive<4, TriangularParams> = definePrimitive({
  name: 'sparseTriangular',
  arity: 4,
  mayFail: true,
  type: ([values, b, bounds, columns], _: TriangularParams) => {
    const both = `${describeType(values)} and ${describeType(b)}`;
    if (values.dtype !== b.dtype || !isFloat(b.dtype)) {
      throw new DTypeError(`sparseTriangular: needs floats of one dtype; got ${both}.`);
    }
    const [batch, rows = 0] = b.shape;
    if (
      b.shape.length !== 3 ||
      values.shape[0] !== batch ||
      values.shape[1] !== columns.shape[0] ||
      bounds.shape[0] !== rows + 1
    ) {
      throw new ShapeError(
        `sparseTriangular: needs [batch, nnz] and [batch, n, columns]; got ${both}.`,
      );
    }
    return tensorType(b.dtype, b.shape);
  },
  linear: { in: [1], as: 'each' },
  transpose: (ct, [values, b, bounds, columns], { upper, transposed }) => {
    if (isLinear(values) || !isLinear(b) || isLinear(bounds) || isLinear(columns)) return;
    b.add(triangular(values, ct, bounds, columns, { upper, transposed: !transposed }));
  },
  idle: [1, null, null, null],
  vmap: ([values, b, bounds, columns], batched, params) =>
    batchedSolve([values, b], batched, (v, rhs) => triangular(v, rhs, bounds, columns, params)),
  lower: {
    kind: 'nest',
    emit: (k, [readValues, readB, readBounds, readColumns], context) => {
      const { params, operands, results } = context;
      const [values] = operands;
      const { upper, transposed } = params;
      const [batch = 0, n = 0, columns = 0] = results[0]?.shape ?? [];
      const about = { entries: batch, operation: 'sparse.triangularSolve' };
      const site = context.site('singular', n, about);
      const keep = (value: Expr): Expr => k.local('int32', value).get();
      const float = (value: Expr): Expr => k.local(values.dtype, value).get();
      const each = (body: (c: Affine) => void): void => {
        if (columns === 1) body(affineZero);
        else k.range(affineZero, affineConst(columns), body, true);
      };
      k.forEachInOrder([batch], ([entry = affineZero]) => {
        const x = (row: Affine, c: Affine): Expr => k.readResult(0, [entry, row, c]);
        k.forEach([n, columns], ([i = affineZero, c = affineZero]) =>
          k.write(0, [entry, i, c], readB([entry, i, c])),
        );
        k.sequential(n, (loop) => {
          const forwards = upper === transposed;
          const step = n === 1 ? affineZero : affineLoop(loop);
          const row = forwards ? step : place(keep(minus(n - 1, step)));
          const from = keep(readBounds([row]));
          const to = keep(readBounds([affineShift(row, 1)]));
          const corner = upper ? place(from) : place(minus(to, 1));
          const off = upper ? [place(from, 1), place(to)] : [place(from), place(minus(to, 1))];
          const [begin = affineZero, end = affineZero] = off;
          const pivot = float(readValues([entry, corner]));
          const zero = constant(values.dtype, 0);
          const number = plus(times(entry, n), row);
          const divisor = float(checked(compare('ne', pivot, zero), pivot, site, number));
          const divide = (): void =>
            each((c) => k.write(0, [entry, row, c], binary('div', x(row, c), divisor)));
          if (transposed) divide();
          k.range(begin, end, (e) => {
            const l = float(readValues([entry, e]));
            const column = place(keep(readColumns([e])));
            const [to, by] = transposed ? [column, row] : [row, column];
            each((c) => k.write(0, [entry, to, c], lessProduct(x(to, c), l, x(by, c))));
          });
          if (!transposed) divide();
        });
      });
    },
  },
});

/** What the laws hold `triangular` to. */
export const triangularLaws: Laws = forLaws<4, TriangularParams>(triangular, {
  reference: ([values, b, bounds, columns], result, { upper, transposed }) => {
    const [batch = 0, n = 0, width = 0] = result.shape;
    const data = allocate(result.dtype, batch * n * width);
    const nnz = columns.type.shape[0] ?? 0;
    for (let entry = 0; entry < batch; entry++) {
      // With holes where there are no entries: a zero would make NaN of an infinity.
      const a: number[][] = Array.from({ length: n }, () => []);
      for (let i = 0; i < n; i++) {
        for (let e = bounds.data[i] ?? 0; e < (bounds.data[i + 1] ?? 0); e++) {
          const j = columns.data[e] ?? 0;
          const line = a[transposed ? j : i];
          if (line) line[transposed ? i : j] = values.data[entry * nnz + e] ?? 0;
        }
      }
      for (let c = 0; c < width; c++) {
        const x = Array.from({ length: n }, (_, i) => b.data[(entry * n + i) * width + c] ?? 0);
        for (let s = 0; s < n; s++) {
          const i = upper === transposed ? s : n - 1 - s;
          const pivot = a[i]?.[i] ?? 0;
          if (pivot === 0) {
            const where = { entry, pivot: i, entries: batch };
            throw new MatrixError('sparse.triangularSolve', 'singular', where);
          }
          let sum = x[i] ?? 0;
          a[i]?.forEach((value, j) => {
            if (j !== i) sum -= value * (x[j] ?? 0);
          });
          x[i] = sum / pivot;
        }
        x.forEach((value, i) => {
          data[(entry * n + i) * width + c] = value;
        });
      }
    }
    return data;
  },
  samples,
});

function samples(): Sample<TriangularParams>[] {
  const list = (values: readonly number[]) => ({
    shape: [values.length],
    dtype: 'int32' as const,
    values,
  });
  const lower = { bounds: [0, 1, 3, 4, 7], columns: [0, 0, 1, 2, 0, 2, 3] };
  const upper = { bounds: [0, 3, 4, 6, 7], columns: [0, 1, 3, 1, 2, 3, 3] };
  const values = [2, -0.5, 1.5, 3, 0.25, 1, 2];
  const upperValues = [2, -0.5, 1.5, 3, 1.25, 1, 2];
  return [true, false].flatMap((transposed) => [
    ...[1, 3].flatMap((width): Sample<TriangularParams>[] => [
      {
        title: `a lower triangle, ${width} at once`,
        operands: [
          { shape: [2, 7], values },
          { shape: [2, 4, width] },
          list(lower.bounds),
          list(lower.columns),
        ],
        params: { upper: false, transposed },
      },
      {
        title: `an upper triangle, ${width} at once`,
        operands: [
          { shape: [1, 7], values: upperValues },
          { shape: [1, 4, width] },
          list(upper.bounds),
          list(upper.columns),
        ],
        params: { upper: true, transposed },
      },
    ]),
    {
      title: 'one number',
      operands: [{ shape: [1, 1], values: [2] }, { shape: [1, 1, 1] }, list([0, 1]), list([0])],
      params: { upper: false, transposed },
    },
    {
      title: 'nothing',
      operands: [{ shape: [1, 0] }, { shape: [1, 0, 1] }, list([0]), list([])],
      params: { upper: true, transposed },
    },
  ]);
}
