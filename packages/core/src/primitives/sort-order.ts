import { type Affine, affineConst, affineOf, affineZero } from '../kernel/affine.ts';
import type { Expr } from '../kernel/expr.ts';
import { binary, checkedIndex, compare, constant, indexValue, select } from '../kernel/scalars.ts';
import { allocate, type DType } from '../tensor/dtype.ts';
import { DTypeError, ShapeError, sameShape, sizeOf } from '../tensor/shape.ts';
import { describeType, tensorType } from '../tensor/type.ts';
import { positionOf } from './along.ts';
import { isLinear } from './cotangent.ts';
import { type CallablePrimitive, definePrimitive, type Sample } from './define.ts';
import { alignBatch } from './elementwise.ts';
import { forLaws, type Laws } from './for-laws.ts';
import type { NestBuilder } from './nest-builder.ts';
import { specials } from './samples.ts';
import { spreadAlong } from './spread.ts';

export interface SortOrderParams {
  readonly descending: boolean;
}

const numbers: readonly DType[] = ['float64', 'float32', 'int32'];

/** Whether x has to stand before y; NaN stands behind all, and -0 equals 0. */
export function isBefore(x: number, y: number, descending: boolean): boolean {
  if (Number.isNaN(y)) return !Number.isNaN(x);
  return descending ? x > y : x < y;
}

/** The same as an expression. */
export function isBeforeExpr(x: Expr, y: Expr, descending: boolean): Expr {
  const ordered = compare(descending ? 'gt' : 'lt', x, y);
  if (x.type === 'int32') return ordered;
  return binary('or', ordered, binary('and', compare('ne', y, y), compare('eq', x, x)));
}

const zero = constant('int32', 0);
const one = constant('int32', 1);

function plus(x: Expr, y: Expr): Expr {
  return binary('add', x, y);
}

/** A line of elements as the merge sort sees it: positions in the order reached so far, and keys. */
interface Line {
  readonly extent: number;
  position(place: Affine): Expr;
  key(position: Expr): Expr;
  /** Puts a position into the order that is being made. */
  put(place: Affine, position: Expr): void;
  isBefore(x: Expr, y: Expr): Expr;
}

/** Merges sorted runs of a width, two at a time. */
function mergeRuns(k: NestBuilder, line: Line, width: Expr): void {
  const limit = constant('int32', line.extent);
  const lastPlace = constant('int32', line.extent - 1);
  const left = k.local('int32', zero);
  const middle = k.local('int32', zero);
  const right = k.local('int32', zero);
  const end = k.local('int32', zero);
  // A run that is used up is read beyond its end, and what is read is not used.
  const next = (run: typeof left): Expr =>
    line.position(affineOf(binary('min', run.get(), lastPlace)));
  k.sequential(line.extent, (i) => {
    const place = positionOf(i, line.extent, false);
    const here = indexValue(place);
    const begins = k.local('bool', compare('eq', here, end.get()));
    const after = (count: Expr): Expr => binary('min', plus(here, count), limit);
    left.set(select(begins.get(), here, left.get()));
    middle.set(select(begins.get(), after(width), middle.get()));
    right.set(select(begins.get(), after(width), right.get()));
    end.set(select(begins.get(), after(plus(width, width)), end.get()));
    const mine = k.local('int32', next(left));
    const other = k.local('int32', next(right));
    const before = line.isBefore(line.key(other.get()), line.key(mine.get()));
    const noneLeft = compare('ge', left.get(), middle.get());
    const someRight = compare('lt', right.get(), end.get());
    const takesRight = binary('and', someRight, binary('or', noneLeft, before));
    const takes = k.local('bool', takesRight);
    line.put(place, select(takes.get(), other.get(), mine.get()));
    left.set(plus(left.get(), select(takes.get(), zero, one)));
    right.set(plus(right.get(), select(takes.get(), one, zero)));
  });
}

/**
 * The order in which the elements of each line along the last axis are sorted, and the rank of each.
 *
 * The result has one axis more than x, of extent 2, before the last: `[..., 0, i]` is the position of
 * the element that comes at place i, and `[..., 1, j]` the place of the element at position j, so that
 * each is the inverse of the other. Equal elements keep their order.
 *
 * The kernel is a merge sort from the bottom up. Its passes go back and forth between the two halves
 * of the result, so that the ranks, written at the end, cost no memory.
 */
export const sortOrder: CallablePrimitive<1, SortOrderParams> = definePrimitive({
  name: 'sortOrder',
  arity: 1,
  type: ([x], _: SortOrderParams) => {
    if (!numbers.includes(x.dtype)) {
      throw new DTypeError(`sortOrder: works on ${numbers.join(', ')}; got ${describeType(x)}.`);
    }
    if (x.shape.length === 0) {
      throw new ShapeError(`sortOrder: ${describeType(x)} has no axis to sort along.`);
    }
    return tensorType('int32', x.shape.toSpliced(-1, 0, 2));
  },
  linearize: ([x], params) => [sortOrder(x, params), null],
  vmap: ([x], _, params) => sortOrder(x, params),
  lower: {
    kind: 'nest',
    emit: (k, [read], { params: { descending }, operands: [x] }) => {
      const extent = x.shape.at(-1) ?? 0;
      const passes = Math.ceil(Math.log2(Math.max(extent, 1)));
      k.forEach(x.shape.slice(0, -1), (line) => {
        const width = k.local('int32', one);
        const from = k.local('int32', constant('int32', passes % 2));
        k.sequential(extent, (i) => {
          const place = positionOf(i, extent, false);
          k.write(0, [...line, affineOf(from.get()), place], indexValue(place));
        });
        k.sequential(passes, () => {
          const to = k.local('int32', binary('sub', one, from.get()));
          const merged: Line = {
            extent,
            position: (place) => k.readResult(0, [...line, affineOf(from.get()), place]),
            key: (position) => read([...line, affineOf(position)]),
            put: (place, position) => k.write(0, [...line, affineOf(to.get()), place], position),
            isBefore: (a, b) => isBeforeExpr(a, b, descending),
          };
          mergeRuns(k, merged, width.get());
          from.set(to.get());
          width.set(plus(width.get(), width.get()));
        });
        k.sequential(extent, (i) => {
          const place = positionOf(i, extent, false);
          const position = affineOf(k.readResult(0, [...line, affineZero, place]));
          k.write(0, [...line, affineConst(1), position], indexValue(place));
        });
      });
    },
  },
});

/** What the laws hold `sortOrder` to. */
export const sortOrderLaws: Laws = forLaws<1, SortOrderParams>(sortOrder, {
  reference: ([x], result, { descending }) => {
    const data = allocate(result.dtype, sizeOf(result.shape));
    const extent = x.type.shape.at(-1) ?? 0;
    for (let start = 0; start < x.data.length; start += extent) {
      const value = (i: number): number => x.data[start + i] ?? Number.NaN;
      const order = Array.from({ length: extent }, (_, i) => i).sort((i, j) => {
        if (isBefore(value(i), value(j), descending)) return -1;
        return isBefore(value(j), value(i), descending) ? 1 : i - j;
      });
      order.forEach((position, place) => {
        data[2 * start + place] = position;
        data[2 * start + extent + position] = place;
      });
    }
    return data;
  },
  samples: () => [
    ...[[0], [1], [2], [3], [8], [31], [0, 3], [3, 0], [3, 5], [2, 3, 7]].flatMap(
      (shape): Sample<SortOrderParams>[] =>
        [false, true].flatMap((descending) => [
          { title: `shape [${shape}]`, operands: [{ shape }], params: { descending } },
          {
            title: `integers with ties of shape [${shape}]`,
            operands: [{ shape, dtype: 'int32', from: -2, to: 2 }],
            params: { descending },
          },
        ]),
    ),
    ...[false, true].map((descending) => ({
      title: 'special values',
      operands: [{ shape: [23], values: [...specials, 0, -0, Number.NaN, 1] }],
      params: { descending },
    })),
  ],
});

export interface PermuteParams {
  /** Whether element j goes to the place where the element at j comes from. */
  readonly inverse: boolean;
}

/**
 * The elements of each line along the last axis in an order made by `sortOrder`; linear in x. The
 * transpose is the inverse permutation: a gather again.
 */
export const permute: CallablePrimitive<2, PermuteParams> = definePrimitive({
  name: 'permute',
  arity: 2,
  type: ([x, order], _: PermuteParams) => {
    if (order.dtype !== 'int32' || !sameShape(order.shape, x.shape.toSpliced(-1, 0, 2))) {
      throw new ShapeError(
        `permute: the order is ${describeType(order)}; that of ${describeType(x)} is int32, with an axis of 2 before the last.`,
      );
    }
    return x;
  },
  linear: { in: [0], as: 'together' },
  transpose: (ct, [x, order], { inverse }) => {
    if (isLinear(x) && !isLinear(order)) x.add(permute(ct, order, { inverse: !inverse }));
  },
  vmap: (operands, batched, params) => {
    const [x, order] = alignBatch(operands, batched);
    if (!x || !order) throw new Error('unreachable');
    return permute(x, order, params);
  },
  dependence: {
    kind: 'selection',
    like: ([x]) => spreadAlong(x, [x.shape.length - 1]),
  },
  lower: {
    kind: 'pull',
    cost: 'cheap',
    at: ([read, readOrder], index, { params: { inverse }, operands: [x], site }) => {
      const extent = x.shape.at(-1) ?? 0;
      const position = readOrder(index.toSpliced(-1, 0, affineConst(Number(inverse))));
      return read(index.with(-1, checkedIndex(position, extent, site('index', extent))));
    },
  },
});

/** What the laws hold `permute` to. */
export const permuteLaws: Laws = forLaws<2, PermuteParams>(permute, {
  reference: ([x, order], result, { inverse }) => {
    const data = allocate(result.dtype, x.data.length);
    const extent = x.type.shape.at(-1) ?? 0;
    for (let i = 0; i < data.length; i++) {
      const line = Math.floor(i / extent);
      const at = order.data[(2 * line + Number(inverse)) * extent + (i % extent)] ?? -1;
      if (at < 0 || at >= extent) {
        throw new RangeError(
          `permute: index ${at} is out of range for an axis of extent ${extent}.`,
        );
      }
      data[i] = x.data[line * extent + at] ?? Number.NaN;
    }
    return data;
  },
  samples: () =>
    [
      { title: 'a vector', shape: [3], order: [2, 0, 1, 1, 2, 0] },
      { title: 'one element', shape: [1], order: [0, 0] },
      { title: 'no elements', shape: [0], order: [] },
      { title: 'rows', shape: [2, 3], order: [1, 0, 2, 1, 0, 2, 2, 0, 1, 1, 2, 0] },
    ].flatMap(({ title, shape, order }): Sample<PermuteParams>[] =>
      [false, true].map((inverse) => ({
        title,
        operands: [{ shape }, { shape: shape.toSpliced(-1, 0, 2), dtype: 'int32', values: order }],
        params: { inverse },
      })),
    ),
});
