import { affineOf, affineZero, type Index } from '../../kernel/affine.ts';
import type { Expr } from '../../kernel/expr.ts';
import { binary, constant } from '../../kernel/scalars.ts';
import { allocate, isFloat } from '../../tensor/dtype.ts';
import { DTypeError, ShapeError, sameShape, sizeOf } from '../../tensor/shape.ts';
import { describeType, type TensorType, tensorType } from '../../tensor/type.ts';
import { broadcast } from '../broadcast.ts';
import { isLinear } from '../cotangent.ts';
import { type CallablePrimitive, definePrimitive, type Read, type Sample } from '../define.ts';
import { alignBatch } from '../elementwise.ts';
import { forLaws, type Laws } from '../for-laws.ts';
import { take } from '../take.ts';

export interface RowSumsParams {
  /** Number of leading axes of the terms: one sparse matrix in each. */
  readonly batch: number;
}

/** Shapes of `[...lead, terms, ...rest]` and of the bounds, which all of `lead` may share. */
function partsOf(terms: TensorType, bounds: TensorType, { batch }: RowSumsParams) {
  const lead = terms.shape.slice(0, batch);
  const shared = bounds.shape.length === 1;
  return {
    lead,
    count: terms.shape[batch] ?? 0,
    rest: terms.shape.slice(batch + 1),
    shared,
    rows: (bounds.shape.at(-1) ?? 1) - 1,
  };
}

/**
 * Sums of runs of terms: those of row i are from `bounds[i]` up to `bounds[i + 1]`. `rows` says the same
 * the other way, the row of each term, and is what the transpose takes. Linear in the terms.
 */
export const rowSums: CallablePrimitive<3, RowSumsParams> = definePrimitive({
  name: 'rowSums',
  arity: 3,
  type: ([terms, bounds, rows], params: RowSumsParams) => {
    const { lead, count, rest, shared, rows: size } = partsOf(terms, bounds, params);
    const all = [terms, bounds, rows].map(describeType).join(', ');
    if (!isFloat(terms.dtype) || bounds.dtype !== 'int32' || rows.dtype !== 'int32') {
      throw new DTypeError(`rowSums: terms are floats, bounds and rows int32; got ${all}.`);
    }
    const before = shared ? [] : lead;
    if (
      terms.shape.length <= params.batch ||
      size < 0 ||
      !sameShape(bounds.shape, [...before, size + 1]) ||
      !sameShape(rows.shape, [...before, count])
    ) {
      throw new ShapeError(
        `rowSums: needs [...batch, n, ...rest], [...batch, rows + 1] and [...batch, n] with ${params.batch} leading axes; got ${all}.`,
      );
    }
    return tensorType(terms.dtype, [...lead, size, ...rest]);
  },
  linear: { in: [0], as: 'together' },
  transpose: (ct, [terms, bounds, rows], { batch }) => {
    if (!isLinear(terms) || isLinear(bounds) || isLinear(rows)) return;
    const shape = [...ct.shape.slice(0, batch), rows.shape.at(-1) ?? 0];
    const index =
      rows.ndim === shape.length ? rows : broadcast(rows, { shape, axes: [shape.length - 1] });
    terms.add(take(ct, index, { batch }));
  },
  vmap: (operands, batched, { batch }) => {
    const [terms, bounds, rows] = operands;
    const params = { batch: batch + 1 };
    if (batched[0] && !batched[1] && !batched[2] && bounds.ndim === 1) {
      return rowSums(terms, bounds, rows, params);
    }
    const lead = batched[0] ? terms.shape.slice(1, batch + 1) : terms.shape.slice(0, batch);
    const full = (x: typeof rows, has: boolean | undefined): typeof rows => {
      const own = x.shape.slice(has ? 1 : 0);
      if (own.length > batch) return x;
      const size = has ? [x.shape[0] ?? 0] : [];
      const shape = [...size, ...lead, own[0] ?? 0];
      return broadcast(x, { shape, axes: has ? [0, shape.length - 1] : [shape.length - 1] });
    };
    const [t, b, r] = alignBatch(
      [terms, full(bounds, batched[1]), full(rows, batched[2])],
      batched,
    );
    if (!t || !b || !r) throw new Error('unreachable');
    return rowSums(t, b, r, params);
  },
  lower: {
    kind: 'nest',
    emit: (k, [readTerms, readBounds], { params, operands: [terms, bounds], results }) => {
      const { lead, count, rest, shared, rows } = partsOf(terms, bounds, params);
      const zero = constant(terms.dtype, 0);
      // Not more in all than there are, whatever the rounding.
      const average = (count / Math.max(1, rows)) * (1 - 2 ** -40);
      const bound = (at: Index, row: Index[number]): Index[number] =>
        affineOf(k.local('int32', within(readBounds([...(shared ? [] : at), row]), count)).get());
      const [result] = results;
      if (!result) throw new Error('unreachable');
      k.forEach([...lead, rows], (index) => {
        const at = index.slice(0, lead.length);
        const row = index[lead.length] ?? affineZero;
        const [from, to] = [bound(at, row), bound(at, { ...row, base: row.base + 1 })];
        if (sizeOf(rest) === 1) {
          const only = rest.map(() => affineZero);
          const sum = k.local(terms.dtype, zero);
          k.range(
            from,
            to,
            (e) => {
              sum.set(binary('add', sum.get(), readTerms([...at, e, ...only])));
            },
            false,
            average,
          );
          k.write(0, [...index, ...only], sum.get());
          return;
        }
        const each = (body: (place: Index) => void): void => k.forEach(rest, body);
        each((place) => k.write(0, [...index, ...place], zero));
        const add = (e: Index[number], place: Index): void => {
          const sum = k.readResult(0, [...index, ...place]);
          k.write(0, [...index, ...place], addTerm(sum, readTerms, [...at, e, ...place]));
        };
        k.range(from, to, (e) => each((place) => add(e, place)), false, average);
      });
    },
  },
});

/** What the laws hold `rowSums` to. */
export const rowSumsLaws: Laws = forLaws<3, RowSumsParams>(rowSums, {
  reference: ([terms, bounds], result, params) => {
    const { lead, count, rest, shared, rows } = partsOf(terms.type, bounds.type, params);
    const data = allocate(result.dtype, sizeOf(result.shape));
    const width = sizeOf(rest);
    for (let entry = 0; entry < sizeOf(lead); entry++) {
      const bound = (i: number): number => {
        const at = bounds.data[(shared ? 0 : entry * (rows + 1)) + i] ?? 0;
        return Math.min(Math.max(at, 0), count);
      };
      for (let row = 0; row < rows; row++) {
        for (let c = 0; c < width; c++) {
          let sum = 0;
          for (let e = bound(row); e < bound(row + 1); e++) {
            sum += terms.data[(entry * count + e) * width + c] ?? Number.NaN;
          }
          data[(entry * rows + row) * width + c] = sum;
        }
      }
    }
    return data;
  },
  samples,
});

function addTerm(sum: Expr, read: Read, index: Index): Expr {
  return binary('add', sum, read(index));
}

/** A bound that is neither before the terms nor behind them, whatever it was. */
function within(bound: Expr, count: number): Expr {
  const low = binary('max', bound, constant('int32', 0));
  return binary('min', low, constant('int32', count));
}

function samples(): Sample<RowSumsParams>[] {
  const list = (values: readonly number[], lead: readonly number[] = []) => ({
    shape: [...lead, values.length],
    dtype: 'int32' as const,
    values,
  });
  const bounds = [0, 2, 2, 3, 7];
  const rows = [0, 0, 2, 3, 3, 3, 3];
  return [
    {
      title: 'a row without terms',
      operands: [{ shape: [7] }, list(bounds), list(rows)],
      params: { batch: 0 },
    },
    {
      title: 'terms of several elements',
      operands: [{ shape: [7, 3] }, list(bounds), list(rows)],
      params: { batch: 0 },
    },
    {
      title: 'one term',
      operands: [{ shape: [1, 1] }, list([0, 1]), list([0])],
      params: { batch: 0 },
    },
    {
      title: 'matrices of one pattern',
      operands: [{ shape: [2, 7] }, list(bounds), list(rows)],
      params: { batch: 1 },
    },
    {
      title: 'matrices of different patterns',
      operands: [
        { shape: [2, 3] },
        { shape: [2, 3], dtype: 'int32', values: [0, 1, 3, 0, 3, 3] },
        { shape: [2, 3], dtype: 'int32', values: [0, 1, 1, 0, 0, 0] },
      ],
      params: { batch: 1 },
    },
    {
      title: 'no terms',
      operands: [{ shape: [0] }, list([0, 0, 0]), list([])],
      params: { batch: 0 },
    },
    {
      title: 'no rows',
      operands: [{ shape: [0, 2] }, list([0]), list([])],
      params: { batch: 0 },
    },
  ];
}
