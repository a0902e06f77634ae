import { type Affine, affineConst, affineOf, affineZero } from '../kernel/affine.ts';
import type { Expr } from '../kernel/expr.ts';
import { binary, compare, constant, select } from '../kernel/scalars.ts';
import { allocate } from '../tensor/dtype.ts';
import { DTypeError, ShapeError, sameShape, sizeOf } from '../tensor/shape.ts';
import { describeType, tensorType } from '../tensor/type.ts';
import { isLinear } from './cotangent.ts';
import { type CallablePrimitive, definePrimitive, type Read, type Sample } from './define.ts';
import { forLaws, type Laws } from './for-laws.ts';
import { batchedSolve, matrixExtents, mostUnrolled } from './matrices.ts';
import { spreadAlong } from './spread.ts';

export interface PivotRowsParams {
  /** Whether rows go back to where they came from. */
  readonly inverse: boolean;
}

/** Rows of b in the order of a permutation, `[b, n]` and int32, or back; linear in b. */
export const pivotRows: CallablePrimitive<2, PivotRowsParams> = definePrimitive({
  name: 'pivotRows',
  arity: 2,
  type: ([permutation, b], _: PivotRowsParams) => {
    const { batch, rows } = matrixExtents('pivotRows', b);
    const both = `${describeType(permutation)} and ${describeType(b)}`;
    if (permutation.dtype !== 'int32') {
      throw new DTypeError(`pivotRows: the permutation must be int32; got ${both}.`);
    }
    if (!sameShape(permutation.shape, [batch, rows])) {
      throw new ShapeError(`pivotRows: [b, n] and [b, n, m] are needed; got ${both}.`);
    }
    return tensorType(b.dtype, b.shape);
  },
  linearize: ([permutation, b], params) => [
    pivotRows(permutation, b, params),
    null,
    (db) => pivotRows(permutation, db, params),
  ],
  transpose: (ct, [permutation, b], { inverse }) => {
    if (isLinear(permutation) || !isLinear(b)) return;
    b.add(pivotRows(permutation, ct, { inverse: !inverse }));
  },
  idle: [0, null],
  vmap: (operands, batched, params) =>
    batchedSolve(operands, batched, ([permutation, b]) => {
      if (!permutation || !b) throw new Error('unreachable');
      return pivotRows(permutation, b, params);
    }),
  dependence: { kind: 'like', like: ([, b]) => spreadAlong(b, [1]) },
  lower: {
    kind: 'nest',
    emit: (k, [readPermutation, readB], { params: { inverse }, operands: [, b] }) => {
      const [batch = 0, order = 0, columns = 0] = b.shape;
      k.forEach([batch, order <= mostUnrolled ? 1 : order, columns], (position) => {
        const [entry = affineZero, i = affineZero, column = affineZero] = position;
        if (order > mostUnrolled) {
          const other = rowOf(readPermutation, entry, i, order);
          const [to, from] = inverse ? [other, i] : [i, other];
          k.write(0, [entry, to, column], readB([entry, from, column]));
          return;
        }
        for (let row = 0; row < order; row++) {
          const value = chosen(order, (other) => {
            const [place, number] = inverse ? [other, row] : [row, other];
            const from = readPermutation([entry, affineConst(place)]);
            const value = readB([entry, affineConst(other), column]);
            return { is: compare('eq', from, constant('int32', number)), value };
          });
          k.write(0, [entry, affineConst(row), column], value);
        }
      });
    },
  },
});

/** What the laws hold `pivotRows` to. */
export const pivotRowsLaws: Laws = forLaws<2, PivotRowsParams>(pivotRows, {
  reference: ([permutation, b], result, { inverse }) => {
    const [batch = 0, order = 0, columns = 0] = result.shape;
    const data = allocate(result.dtype, sizeOf(result.shape));
    for (let entry = 0; entry < batch; entry++) {
      for (let i = 0; i < order; i++) {
        const other = permutation.data[entry * order + i] ?? 0;
        const [to, from] = inverse ? [other, i] : [i, other];
        for (let j = 0; j < columns; j++) {
          const value = b.data[(entry * order + from) * columns + j] ?? Number.NaN;
          data[(entry * order + to) * columns + j] = value;
        }
      }
    }
    return data;
  },
  samples: () =>
    [
      { title: 'a matrix', b: [1, 3, 2], order: [2, 0, 1] },
      { title: 'one element', b: [1, 1, 1], order: [0] },
      { title: 'no rows', b: [1, 0, 2], order: [] },
      { title: 'a batch', b: [2, 2, 1], order: [1, 0] },
      { title: 'rows in loops', b: [1, 7, 3], order: [4, 0, 1, 3, 2, 6, 5] },
    ].flatMap(({ title, b, order }): Sample<PivotRowsParams>[] =>
      [false, true].map((inverse) => {
        const permutation = {
          shape: b.slice(0, 2),
          dtype: 'int32',
          values: order,
          fixed: true,
        } as const;
        return { title, operands: [permutation, { shape: b }], params: { inverse } };
      }),
    ),
});

/** The number in the permutation, as a row. */
function rowOf(read: Read, entry: Affine, i: Affine, order: number): Affine {
  const number = read([entry, i]);
  const last = constant('int32', order - 1);
  return affineOf(binary('max', constant('int32', 0), binary('min', number, last)));
}

/** The value of the candidate that it is; the last one where it is no other. */
function chosen(
  count: number,
  candidate: (i: number) => { readonly is: Expr; readonly value: Expr },
): Expr {
  let { value } = candidate(count - 1);
  for (let i = count - 2; i >= 0; i--) {
    const other = candidate(i);
    value = select(other.is, other.value, value);
  }
  return value;
}
