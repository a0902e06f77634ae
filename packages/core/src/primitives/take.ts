import { type Affine, affineOf, affineZero, type Index } from '../kernel/affine.ts';
import type { Expr } from '../kernel/expr.ts';
import {
  binary,
  cast,
  checkedIndex,
  compare,
  constant,
  indexValue,
  select,
} from '../kernel/scalars.ts';
import { allocate } from '../tensor/dtype.ts';
import { DTypeError, type Shape, ShapeError, sameShape, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { describeType, type TensorType, tensorType } from '../tensor/type.ts';
import { add } from './arithmetic.ts';
import { isLinear } from './cotangent.ts';
import { type CallablePrimitive, definePrimitive, type Read, type Sample } from './define.ts';
import { alignBatch } from './elementwise.ts';
import { forLaws, type Laws } from './for-laws.ts';
import type { NestBuilder } from './nest-builder.ts';
import { spreadOver } from './spread.ts';

export interface TakeParams {
  /** Number of leading axes that x and index share, one slice at a time. */
  readonly batch: number;
}

/** Shapes of a gather: `[...batch, n, ...rest]` at `[...batch, ...picked]`. */
export function gatherParts(name: string, x: TensorType, index: TensorType, batch: number) {
  const wrong = (what: string): never => {
    throw new ShapeError(
      `${name}: ${what}; x is ${describeType(x)}, index is ${describeType(index)}.`,
    );
  };
  if (index.dtype !== 'int32') {
    throw new DTypeError(`${name}: the index is ${describeType(index)}; it must be int32.`);
  }
  if (x.shape.length <= batch) wrong('a scalar has no axis to index');
  if (!sameShape(x.shape.slice(0, batch), index.shape.slice(0, batch))) {
    wrong(`the first ${batch} axes must agree`);
  }
  return {
    lead: x.shape.slice(0, batch),
    extent: x.shape[batch] ?? 0,
    rest: x.shape.slice(batch + 1),
    picked: index.shape.slice(batch),
  };
}

/** Position in x of the element of the result at `index`, and the position in `index`'s tensor. */
function gatherSource(
  index: Index,
  batch: number,
  indexNdim: number,
  extent: number,
  read: (index: Index) => Expr,
  site: number,
): Index {
  const at: Affine = checkedIndex(read(index.slice(0, indexNdim)), extent, site);
  return [...index.slice(0, batch), at, ...index.slice(indexNdim)];
}

/** Where updates go. */
interface UpdatePlaces {
  readonly batch: number;
  readonly readIndex: Read;
  /** Site of an index that lies outside. */
  readonly failure: number;
}

/**
 * Goes through the updates of slices of x at the positions of an index, with the position of each in x. Positions
 * may repeat and come in order, but the elements of one slice are all different.
 */
export function forEachUpdate(
  k: NestBuilder,
  [x, index]: readonly TensorType[],
  how: UpdatePlaces,
  body: (to: Index, from: Index) => void,
): void {
  if (!x || !index) throw new Error('unreachable');
  const { batch, readIndex, failure } = how;
  const extent = x.shape[batch] ?? 0;
  k.forEachInOrder(index.shape, (position) => {
    k.forEach(x.shape.slice(batch + 1), (place) => {
      const from = [...position, ...place];
      body(gatherSource(from, batch, index.shape.length, extent, readIndex, failure), from);
    });
  });
}

/**
 * Adds single elements to x at the positions of an index. A sum at one position is kept at hand while it
 * comes again, as in lists of edges in order of their nodes: to write it and to read it back takes several times as long as
 * to add to it.
 */
function addInRuns(
  k: NestBuilder,
  [x, index]: readonly TensorType[],
  { batch, readIndex, failure }: UpdatePlaces,
  readUpdate: Read,
): void {
  if (!x || !index) throw new Error('unreachable');
  const extent = x.shape[batch] ?? 0;
  if (sizeOf(index.shape) === 0) return;
  const alone = x.shape.slice(batch + 1).map(() => affineZero);
  k.forEach(index.shape.slice(0, batch), (lead) => {
    const place = (at: Expr): Index => [...lead, affineOf(at), ...alone];
    const known = k.local('int32', constant('int32', 0));
    const sum = k.local(x.dtype, k.readResult(0, place(known.get())));
    k.forEachInOrder(index.shape.slice(batch), (picked) => {
      const position = [...lead, ...picked];
      const read = checkedIndex(readIndex(position), extent, failure);
      const at = k.local('int32', indexValue(read)).get();
      k.choose(compare('ne', at, known.get()), () => {
        k.write(0, place(known.get()), sum.get());
        known.set(at);
        sum.set(k.readResult(0, place(at)));
      });
      sum.set(binary('add', sum.get(), readUpdate([...position, ...alone])));
    });
    k.write(0, place(known.get()), sum.get());
  });
}

/** Calls `visit` with matching offsets of x and of the gathered result. */
export function forEachTaken(
  name: string,
  x: Shape,
  index: { readonly shape: Shape; readonly data: ArrayLike<number> },
  batch: number,
  visit: (inX: number, inResult: number) => void,
): void {
  const rest = sizeOf(x.slice(batch + 1));
  const extent = x[batch] ?? 0;
  const picked = sizeOf(index.shape.slice(batch));
  for (let i = 0; i < index.data.length; i++) {
    const at = index.data[i] ?? -1;
    if (at < 0 || at >= extent)
      throw new RangeError(`${name}: index ${at} is out of range for an axis of extent ${extent}.`);
    const lead = Math.floor(i / picked);
    for (let r = 0; r < rest; r++) visit((lead * extent + at) * rest + r, i * rest + r);
  }
}

const gathers: readonly {
  title: string;
  x: Shape;
  index: Shape;
  values: number[];
  batch: number;
}[] = [
  { title: 'elements', x: [5], index: [7], values: [0, 4, 4, 2, 1, 0, 3], batch: 0 },
  { title: 'rows', x: [4, 3], index: [2, 2], values: [3, 0, 1, 1], batch: 0 },
  { title: 'rows longer than a vector', x: [3, 9], index: [4], values: [2, 0, 2, 2], batch: 0 },
  { title: 'one row', x: [4, 3], index: [], values: [2], batch: 0 },
  { title: 'nothing', x: [4], index: [0], values: [], batch: 0 },
  { title: 'in batches', x: [2, 5], index: [2, 3], values: [4, 0, 1, 2, 2, 3], batch: 1 },
];

export function gatherSamples(updates: boolean): Sample<TakeParams>[] {
  return gathers.map(({ title, x, index, values, batch }) => ({
    title,
    operands: [
      { shape: x },
      { shape: index, dtype: 'int32' as const, values },
      ...(updates ? [{ shape: [...index, ...x.slice(batch + 1)] }] : []),
    ],
    params: { batch },
  }));
}

/**
 * Slices of x at the positions of an index: `x[index]` along the first axis after `batch` shared
 * ones. An index outside the axis is an error when the call runs.
 */
export const take: CallablePrimitive<2, TakeParams> = definePrimitive({
  name: 'take',
  arity: 2,
  mayFail: true,
  type: ([x, index], { batch }: TakeParams) => {
    const { lead, rest, picked } = gatherParts('take', x, index, batch);
    return tensorType(x.dtype, [...lead, ...picked, ...rest], x.weak);
  },
  linear: { in: [0], as: 'together' },
  transpose: (ct, [x, index], params) => {
    if (isLinear(x) && !isLinear(index)) {
      x.accumulate((sum) => scatterAdd(sum, index, ct, params));
    }
  },
  idle: [null, 0],
  vmap: (operands, batched, { batch }) => {
    const [x, index] = operands;
    if (!batched[0] && batch === 0) return take(x, index, { batch });
    const [alignedX, alignedIndex] = alignBatch([x, index], batched);
    return takeOf(alignedX, alignedIndex, batch + 1);
  },
  dependence: {
    kind: 'selection',
    like: ([x, index], { batch }) => spreadOver(x, batch, 1, index.shape.slice(batch)),
  },
  lower: {
    kind: 'pull',
    cost: 'cheap',
    at: ([readX, readIndex], index, { params: { batch }, operands: [x, i], site }) => {
      const extent = x.shape[batch] ?? 0;
      const from = gatherSource(
        index,
        batch,
        i.shape.length,
        extent,
        readIndex,
        site('index', extent),
      );
      const at = from[batch];
      // There is nothing to read, and what is left of the value is its check.
      if (extent === 0 && at) return cast(x.dtype, indexValue(at));
      const value = readX(from);
      if (extent !== 1 || at === undefined) return value;
      // Where x is a scalar under another shape no offset is left to hold the check.
      const isFirst = compare(
        'eq',
        readIndex(index.slice(0, i.shape.length)),
        constant('int32', 0),
      );
      return select(isFirst, value, cast(x.dtype, indexValue(at)));
    },
  },
});

/** What the laws hold `take` to. */
export const takeLaws: Laws = forLaws<2, TakeParams>(take, {
  reference: ([x, index], result, { batch }) => {
    const data = allocate(result.dtype, sizeOf(result.shape));
    forEachTaken(
      'take',
      x.type.shape,
      { shape: index.type.shape, data: index.data },
      batch,
      (from, to) => {
        data[to] = x.data[from] ?? Number.NaN;
      },
    );
    return data;
  },
  samples: () => gatherSamples(false),
});

function takeOf(x: Tensor | undefined, index: Tensor | undefined, batch: number): Tensor {
  if (!x || !index) throw new Error('unreachable');
  return take(x, index, { batch });
}

/**
 * x with updates added at the positions of an index, the transpose of `take`: positions that
 * repeat add up. Linear in x and the updates.
 */
export const scatterAdd: CallablePrimitive<3, TakeParams> = definePrimitive({
  name: 'scatterAdd',
  arity: 3,
  mayFail: true,
  type: ([x, index, updates], { batch }: TakeParams) => {
    const { lead, rest, picked } = gatherParts('scatterAdd', x, index, batch);
    const expected = tensorType(x.dtype, [...lead, ...picked, ...rest]);
    if (updates.dtype !== x.dtype || !sameShape(updates.shape, expected.shape)) {
      throw new ShapeError(
        `scatterAdd: updates are ${describeType(updates)}; they must be ${describeType(expected)}.`,
      );
    }
    return tensorType(x.dtype, x.shape, x.weak && updates.weak);
  },
  linear: { in: [0, 2], as: 'together' },
  transpose: (ct, [x, index, updates], params) => {
    if (isLinear(index)) return;
    if (isLinear(x)) x.add(ct);
    if (isLinear(updates)) updates.add(take(ct, index, params));
  },
  idle: [null, 0, null],
  vmap: (operands, batched, { batch }) => {
    const [x, index, updates] = alignBatch(operands, batched);
    if (!x || !index || !updates) throw new Error('unreachable');
    return scatterAdd(x, index, updates, { batch: batch + 1 });
  },
  dependence: {
    kind: 'sum',
    like: ([x, index, updates], { batch }) =>
      add(x, spreadOver(updates, batch, index.shape.length - batch, [x.shape[batch] ?? 0])),
  },
  lower: {
    kind: 'nest',
    inPlace: 0,
    emit: (k, [, readIndex, readUpdate], { params: { batch }, operands, site }) => {
      const [x] = operands;
      const how = { batch, readIndex, failure: site('index', x.shape[batch] ?? 0) };
      if (x.shape[batch] !== 0 && sizeOf(x.shape.slice(batch + 1)) === 1) {
        addInRuns(k, operands, how, readUpdate);
      } else {
        forEachUpdate(k, operands, how, (to, from) => {
          k.write(0, to, binary('add', k.readResult(0, to), readUpdate(from)));
        });
      }
    },
  },
});

/** What the laws hold `scatterAdd` to. */
export const scatterAddLaws: Laws = forLaws<3, TakeParams>(scatterAdd, {
  reference: ([x, index, updates], _, { batch }) => {
    const data = x.data.slice();
    forEachTaken(
      'scatterAdd',
      x.type.shape,
      { shape: index.type.shape, data: index.data },
      batch,
      (to, from) => {
        data[to] = (data[to] ?? 0) + (updates.data[from] ?? Number.NaN);
      },
    );
    return data;
  },
  samples: () => gatherSamples(true),
});
