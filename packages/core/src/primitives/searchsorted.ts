import { affineOf } from '../kernel/affine.ts';
import { binary, compare, constant, select, unary } from '../kernel/scalars.ts';
import { allocate, type DType } from '../tensor/dtype.ts';
import { DTypeError, ShapeError, sameShape, sizeOf } from '../tensor/shape.ts';
import { describeType, tensorType } from '../tensor/type.ts';
import { type CallablePrimitive, definePrimitive, type Sample } from './define.ts';
import { alignBatch } from './elementwise.ts';
import { forLaws, type Laws } from './for-laws.ts';
import { isBefore, isBeforeExpr } from './sort-order.ts';

export interface SearchParams {
  /** Number of leading axes that both operands share, one search in each. */
  readonly batch: number;
  /** Whether a value goes before elements equal to it, or behind them. */
  readonly side: 'left' | 'right';
}

const numbers: readonly DType[] = ['float64', 'float32', 'int32'];

interface Case {
  readonly title: string;
  readonly sorted: readonly number[];
  readonly values: readonly number[];
  readonly dtype?: 'int32';
}

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const cases: readonly Case[] = [
  { title: 'a vector with ties', sorted: [-1, 0, 0, 2, 5], values: [-2, -1, 0, 1, 2, 5, 6] },
  { title: 'one element', sorted: [1], values: [0, 1, 2] },
  { title: 'nothing to search', sorted: [], values: [0, 1, nan] },
  { title: 'nothing to find', sorted: [1, 2, 3], values: [] },
  { title: 'integers', sorted: [-3, 1, 1, 4], values: [-4, -3, 1, 3, 4, 5], dtype: 'int32' },
  {
    title: 'special values',
    sorted: [-inf, -1e-310, -0, 0, 1, inf, nan, nan],
    values: [-inf, -1, -1e-310, 0, -0, 1e-310, inf, nan],
  },
];

/** The jumps of a bisection: falling powers of two, from the largest that is not above the extent. */
function jumpsFor(extent: number): number[] {
  const jumps: number[] = [];
  for (let jump = 1; jump <= extent; jump *= 2) jumps.unshift(jump);
  return jumps;
}

const sides = ['left', 'right'] as const;

/**
 * The place at which each value belongs in sorted elements: how many of them stand before it. The
 * order is that of `sortOrder`, with NaN last. Sorted is `[...batch, n]`, values `[...batch, ...]`.
 */
export const searchsorted: CallablePrimitive<2, SearchParams> = definePrimitive({
  name: 'searchsorted',
  arity: 2,
  type: ([sorted, values], { batch }: SearchParams) => {
    const both = `${describeType(sorted)} and ${describeType(values)}`;
    if (sorted.dtype !== values.dtype || !numbers.includes(sorted.dtype)) {
      throw new DTypeError(`searchsorted: needs numbers of one dtype; got ${both}.`);
    }
    const lead = sorted.shape.slice(0, batch);
    if (sorted.shape.length !== batch + 1 || !sameShape(values.shape.slice(0, batch), lead)) {
      throw new ShapeError(
        `searchsorted: the elements are one line, and the first ${batch} axes agree; got ${both}.`,
      );
    }
    return tensorType('int32', values.shape);
  },
  linearize: ([sorted, values], params) => [searchsorted(sorted, values, params), null, null],
  vmap: (operands, batched, { batch, side }) => {
    const [sorted, values] = operands;
    if (!batched[0] && batch === 0) return searchsorted(sorted, values, { batch, side });
    const [lines, wanted] = alignBatch([sorted, values], batched);
    if (!lines || !wanted) throw new Error('unreachable');
    return searchsorted(lines, wanted, { batch: batch + 1, side });
  },
  lower: {
    kind: 'nest',
    emit: (k, [readSorted, readValue], { params: { batch, side }, operands }) => {
      const [sorted, values] = operands;
      const extent = sorted.shape.at(-1) ?? 0;
      k.forEach(values.shape, (index) => {
        const value = k.local(values.dtype, readValue(index));
        const place = k.local('int32', constant('int32', 0));
        for (const jump of jumpsFor(extent)) {
          const beyond = binary('add', place.get(), constant('int32', jump));
          const inside = binary('min', beyond, constant('int32', extent));
          const last = affineOf(binary('sub', inside, constant('int32', 1)));
          const element = readSorted([...index.slice(0, batch), last]);
          const stands =
            side === 'left'
              ? isBeforeExpr(element, value.get(), false)
              : unary('not', isBeforeExpr(value.get(), element, false));
          const exists = compare('le', beyond, constant('int32', extent));
          place.set(select(binary('and', exists, stands), beyond, place.get()));
        }
        k.write(0, index, place.get());
      });
    },
  },
});

/** What the laws hold `searchsorted` to. */
export const searchsortedLaws: Laws = forLaws<2, SearchParams>(searchsorted, {
  reference: ([sorted, values], result, { batch, side }) => {
    const data = allocate(result.dtype, values.data.length);
    const extent = sorted.type.shape.at(-1) ?? 0;
    const size = sizeOf(values.type.shape.slice(batch));
    values.data.forEach((value, i) => {
      const start = Math.floor(i / size) * extent;
      let place = 0;
      for (const jump of jumpsFor(extent)) {
        if (place + jump > extent) continue;
        const element = sorted.data[start + place + jump - 1] ?? Number.NaN;
        const stands =
          side === 'left' ? isBefore(element, value, false) : !isBefore(value, element, false);
        if (stands) place += jump;
      }
      data[i] = place;
    });
    return data;
  },
  samples: () =>
    sides.flatMap((side): Sample<SearchParams>[] => [
      ...cases.map(
        ({ title, sorted, values, dtype }): Sample<SearchParams> => ({
          title: `${title}, ${side}`,
          operands: [
            { shape: [sorted.length], dtype: dtype ?? 'float', values: sorted },
            { shape: [values.length], dtype: dtype ?? 'float', values },
          ],
          params: { batch: 0, side },
        }),
      ),
      {
        title: `in batches, ${side}`,
        operands: [
          { shape: [2, 3], values: [1, 2, 2, -1, 0, 5] },
          { shape: [2, 3, 1], values: [2, 0, 3, -2, 0, 6] },
        ],
        params: { batch: 1, side },
      },
    ]),
});
