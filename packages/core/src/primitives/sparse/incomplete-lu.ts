import { affineLoop, affineShift, affineZero } from '../../kernel/affine.ts';
import type { Expr } from '../../kernel/expr.ts';
import { binary, compare, constant, unary } from '../../kernel/scalars.ts';
import { isFloat } from '../../tensor/dtype.ts';
import { DTypeError, ShapeError } from '../../tensor/shape.ts';
import { describeType, type TensorType } from '../../tensor/type.ts';
import { type CallablePrimitive, definePrimitive, type Sample } from '../define.ts';
import { alignBatch } from '../elementwise.ts';
import { MatrixError } from '../factorization-error.ts';
import { forLaws, type Laws } from '../for-laws.ts';
import { reshape } from '../reshape.ts';
import { checked } from './checked.ts';
import { lessProduct } from './front.ts';
import { place, plus, times } from './positions.ts';

export interface IncompleteParams {
  /** Whether pivots must be positive, and not only different from zero. */
  readonly positive: boolean;
}

/**
 * Incomplete LU without fill of matrices of one pattern, `[batch, nnz]`: L below the diagonal, which is
 * ones, and U on and above it, in the places of the entries. For a symmetric matrix this is incomplete
 * Cholesky, with U = D L'. Further operands are the bounds of rows, the column of each entry, the entry on
 * the diagonal of each row, and for each entry below the diagonal the bounds of what it changes: entry
 * `target[p]` loses it times entry `source[p]`. It has no derivative: it is for preconditioners, which
 * change a solution by nothing but rounding.
 */
export const incompleteLu: CallablePrimitive<number, IncompleteParams> = definePrimitive({
  name: 'incompleteLu',
  mayFail: true,
  type: ([values, ...lists], _: IncompleteParams): TensorType => {
    if (!values || lists.length !== 6) throw new TypeError('incompleteLu: takes 7 operands.');
    if (!isFloat(values.dtype)) {
      throw new DTypeError(`incompleteLu: works on floats; got ${describeType(values)}.`);
    }
    if (values.shape.length !== 2) {
      throw new ShapeError(`incompleteLu: needs [batch, nnz]; got ${describeType(values)}.`);
    }
    return values;
  },
  linearize: (operands, params) => [incompleteLu(operands, params), ...operands.map(() => null)],
  // What is made of NaN fails no test.
  idle: [Number.NaN, null, null, null, null, null, null],
  vmap: (operands, batched, params) => {
    const [values, ...lists] = operands;
    if (!values || batched.slice(1).some(Boolean)) throw new Error('unreachable');
    const [all = values] = alignBatch([values], batched.slice(0, 1));
    const [size = 0, batch = 0, nnz = 0] = all.shape;
    const merged = reshape(all, { shape: [size * batch, nnz] });
    return reshape(incompleteLu([merged, ...lists], params), { shape: all.shape });
  },
  lower: {
    kind: 'nest',
    inPlace: 0,
    emit: (k, [, ...lists], context) => {
      const [bounds, columns, diagonal, changes, target, source] = lists;
      const [values] = context.operands;
      if (!bounds || !columns || !diagonal || !changes || !target || !source || !values) {
        throw new Error('unreachable');
      }
      const [batch = 0] = values.shape;
      const n = (context.operands[1]?.shape[0] ?? 1) - 1;
      const { positive } = context.params;
      const operation = positive ? 'sparse.ic0' : 'sparse.ilu0';
      const fault = positive ? 'notPositiveDefinite' : 'singular';
      const site = context.site(fault, n, { entries: batch, operation });
      const zero = constant(values.dtype, 0);
      const keep = (value: Expr): Expr => k.local('int32', value).get();
      const float = (value: Expr): Expr => k.local(values.dtype, value).get();
      k.forEachInOrder([batch], ([entry = affineZero]) => {
        k.sequential(n, (loop) => {
          const row = n === 1 ? affineZero : affineLoop(loop);
          const own = keep(diagonal([row]));
          k.range(place(keep(bounds([row]))), place(own), (e) => {
            const pivotAt = place(keep(diagonal([place(keep(columns([e])))])));
            const ratio = binary(
              'div',
              k.readResult(0, [entry, e]),
              k.readResult(0, [entry, pivotAt]),
            );
            const l = float(ratio);
            k.write(0, [entry, e], l);
            const [from, to] = [keep(changes([e])), keep(changes([affineShift(e, 1)]))];
            k.range(place(from), place(to), (p) => {
              const at = place(keep(target([p])));
              const by = k.readResult(0, [entry, place(source([p]))]);
              k.write(0, [entry, at], lessProduct(k.readResult(0, [entry, at]), l, by));
            });
          });
          const pivot = float(k.readResult(0, [entry, place(own)]));
          const good = positive
            ? unary('not', compare('le', pivot, zero))
            : compare('ne', pivot, zero);
          const number = plus(times(entry, n), row);
          k.write(0, [entry, place(own)], checked(good, pivot, site, number));
        });
      });
    },
  },
});

/** What the laws hold `incompleteLu` to. */
export const incompleteLuLaws: Laws = forLaws<number, IncompleteParams>(incompleteLu, {
  reference: ([values, ...lists], _result, { positive }) => {
    const [bounds, columns, diagonal, changes, target, source] = lists;
    if (!values || !bounds || !columns || !diagonal || !changes || !target || !source) {
      throw new Error('unreachable');
    }
    const data = values.data.slice();
    const [batch = 0, nnz = 0] = values.type.shape;
    const n = bounds.data.length - 1;
    for (let entry = 0; entry < batch; entry++) {
      const own = data.subarray(entry * nnz, (entry + 1) * nnz);
      for (let row = 0; row < n; row++) {
        const corner = diagonal.data[row] ?? 0;
        for (let e = bounds.data[row] ?? 0; e < corner; e++) {
          const l = (own[e] ?? 0) / (own[diagonal.data[columns.data[e] ?? 0] ?? 0] ?? 0);
          own[e] = l;
          for (let p = changes.data[e] ?? 0; p < (changes.data[e + 1] ?? 0); p++) {
            const at = target.data[p] ?? 0;
            own[at] = (own[at] ?? 0) - l * (own[source.data[p] ?? 0] ?? 0);
          }
        }
        const pivot = own[corner] ?? Number.NaN;
        if (positive ? !(pivot <= 0) : pivot !== 0) continue;
        const where = { entry, pivot: row, entries: batch };
        throw positive
          ? new MatrixError('sparse.ic0', 'notPositiveDefinite', where)
          : new MatrixError('sparse.ilu0', 'singular', where);
      }
    }
    return data;
  },
  samples,
});

function samples(): Sample<IncompleteParams>[] {
  const list = (values: readonly number[]) => ({
    shape: [values.length],
    dtype: 'int32' as const,
    values,
  });
  // [a b 0; c d e; f g h]: of the third row, g changes h, and f changes g.
  const bounds = [0, 2, 5, 8];
  const columns = [0, 1, 0, 1, 2, 0, 1, 2];
  const changes = [0, 0, 0, 1, 1, 1, 2, 3, 3];
  const lists = [
    list(bounds),
    list(columns),
    list([0, 3, 7]),
    list(changes),
    list([3, 6, 7]),
    list([1, 1, 4]),
  ];
  return [true, false].flatMap((positive): Sample<IncompleteParams>[] => [
    {
      title: 'three rows',
      operands: [{ shape: [2, 8], values: [4, -1, -1, 4, -1, 0.5, -1, 5] }, ...lists],
      params: { positive },
      smooth: false,
    },
    {
      title: 'one number',
      operands: [
        { shape: [1, 1], values: [3] },
        list([0, 1]),
        list([0]),
        list([0]),
        list([0, 0]),
        list([]),
        list([]),
      ],
      params: { positive },
      smooth: false,
    },
    {
      title: 'nothing',
      operands: [{ shape: [1, 0] }, list([0]), list([]), list([]), list([0]), list([]), list([])],
      params: { positive },
      smooth: false,
    },
  ]);
}
