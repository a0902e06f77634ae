import { type Affine, affineAdd, affineConst, affineOf, type Index } from '../kernel/affine.ts';
import { binary, compare, constant, select } from '../kernel/scalars.ts';
import { allocate } from '../tensor/dtype.ts';
import {
  DTypeError,
  rowMajorStrides,
  type Shape,
  ShapeError,
  sameShape,
  sizeOf,
} from '../tensor/shape.ts';
import { describeType, type TensorType, tensorType } from '../tensor/type.ts';
import { isLinear } from './cotangent.ts';
import { zeros } from './create.ts';
import {
  type CallablePrimitive,
  definePrimitive,
  type Read,
  type ReferenceArray,
  type Sample,
  type SampleOperand,
} from './define.ts';
import { alignBatch } from './elementwise.ts';
import { forLaws, type Laws } from './for-laws.ts';

export interface DynamicSliceParams {
  /** Number of leading axes that x and start share, one slice in each. */
  readonly batch: number;
  /** Extents of the slice on the axes after these. */
  readonly extents: Shape;
}

export interface DynamicUpdateParams {
  readonly batch: number;
  /** Whether the update takes the place of the elements, or is added to them. */
  readonly mode: 'set' | 'add';
}

function checkStart(
  name: string,
  x: TensorType,
  start: TensorType,
  { batch, extents }: DynamicSliceParams,
): void {
  const axes = x.shape.slice(batch);
  if (start.dtype !== 'int32') {
    throw new DTypeError(`${name}: the start is ${describeType(start)}; it must be int32.`);
  }
  if (
    batch > x.shape.length ||
    !sameShape(start.shape, [...x.shape.slice(0, batch), axes.length])
  ) {
    throw new ShapeError(
      `${name}: the start is ${describeType(start)}; it needs one position for each axis of ${describeType(x)}${batch > 0 ? `, for each of the first ${batch}` : ''}.`,
    );
  }
  const fits =
    extents.length === axes.length &&
    extents.every((extent, axis) => extent >= 0 && extent <= (axes[axis] ?? 0));
  if (!fits) {
    throw new ShapeError(
      `${name}: a slice of extents [${extents.join(', ')}] is larger than ${describeType(x)}.`,
    );
  }
}

/** Where the slice begins: negative positions count from the end, and it stays inside the axis. */
function clampedStart(start: number, extent: number, part: number): number {
  return Math.min(Math.max(start < 0 ? start + extent : start, 0), extent - part);
}

/** Position in x of the element of the slice at `index`. */
function source(index: Index, x: Shape, part: Shape, batch: number, readStart: Read): Index {
  const lead = index.slice(0, batch);
  return index.map((position, axis): Affine => {
    if (axis < batch) return position;
    const extent = x[axis] ?? 0;
    const last = extent - (part[axis] ?? 0);
    if (last === 0) return position;
    const start = readStart([...lead, affineConst(axis - batch)]);
    const zero = constant('int32', 0);
    const wrapped = binary('add', start, constant('int32', extent));
    const counted = select(compare('lt', start, zero), wrapped, start);
    const clamped = binary('min', binary('max', counted, zero), constant('int32', last));
    return affineAdd(position, affineOf(clamped));
  });
}

/** Row-major offsets in x of the elements of the slice. */
function offsets(x: Shape, part: Shape, start: ReferenceArray, batch: number): number[] {
  const strides = rowMajorStrides(x);
  const within = rowMajorStrides(part);
  const axes = x.length - batch;
  const size = sizeOf(part.slice(batch));
  return Array.from({ length: sizeOf(part) }, (_, i) =>
    part.reduce((offset, extent, axis) => {
      const at = Math.floor(i / (within[axis] ?? 1)) % extent;
      const first = start.data[Math.floor(i / size) * axes + axis - batch] ?? 0;
      const from = axis < batch ? 0 : clampedStart(first, x[axis] ?? 0, extent);
      return offset + (from + at) * (strides[axis] ?? 1);
    }, 0),
  );
}

interface Case {
  readonly title: string;
  readonly shape: Shape;
  readonly start: SampleOperand;
  readonly params: DynamicSliceParams;
}

function sampleCase(
  title: string,
  shape: Shape,
  start: readonly number[],
  extents: Shape,
  batch = 0,
): Case {
  const startShape = [...shape.slice(0, batch), shape.length - batch];
  return {
    title,
    shape,
    start: { shape: startShape, dtype: 'int32', values: start },
    params: { batch, extents },
  };
}

const cases = (): readonly Case[] => [
  sampleCase('a run', [9], [3], [5]),
  sampleCase('counted from the end', [9], [-5], [3]),
  sampleCase('moved inside from behind', [9], [2 ** 31 - 1], [3]),
  sampleCase('moved inside from before', [9], [-(2 ** 31)], [3]),
  sampleCase('all of it', [7], [4], [7]),
  sampleCase('one element', [3], [1], [1]),
  sampleCase('nothing', [3], [1], [0]),
  sampleCase('a block', [4, 7], [1, 2], [2, 3]),
  sampleCase('a scalar', [], [], []),
  sampleCase('in batches', [2, 5], [3, 1], [2], 1),
  sampleCase('blocks in batches', [3, 4, 5], [0, 2, -1, 1, 2, 9], [2, 3], 1),
];

/**
 * Elements of a slice whose place is data; it stays inside its axes. Linear in x.
 */
export const dynamicSlice: CallablePrimitive<2, DynamicSliceParams> = definePrimitive({
  name: 'dynamicSlice',
  arity: 2,
  type: ([x, start], params: DynamicSliceParams) => {
    checkStart('dynamicSlice', x, start, params);
    return tensorType(x.dtype, [...x.shape.slice(0, params.batch), ...params.extents], x.weak);
  },
  linear: { in: [0], as: 'together' },
  transpose: (ct, [x, start], { batch }) => {
    if (isLinear(x) && !isLinear(start)) {
      x.accumulate((sum) => dynamicUpdate(sum, start, ct, { batch, mode: 'add' }));
    }
  },
  vmap: (operands, batched, { batch, extents }) => {
    const [x, start] = alignBatch(operands, batched);
    if (!x || !start) throw new Error('unreachable');
    return dynamicSlice(x, start, { batch: batch + 1, extents });
  },
  dependence: 'selection',
  lower: {
    kind: 'pull',
    cost: 'cheap',
    at: ([read, readStart], index, { params: { batch }, operands: [x], results: [result] }) =>
      read(source(index, x.shape, result?.shape ?? [], batch, readStart)),
  },
});

/** What the laws hold `dynamicSlice` to. */
export const dynamicSliceLaws: Laws = forLaws<2, DynamicSliceParams>(dynamicSlice, {
  reference: ([x, start], result, { batch }) => {
    const data = allocate(result.dtype, sizeOf(result.shape));
    offsets(x.type.shape, result.shape, start, batch).forEach((from, i) => {
      data[i] = x.data[from] ?? Number.NaN;
    });
    return data;
  },
  samples: () => [
    ...cases().map(({ title, shape, start, params }) => ({
      title,
      operands: [{ shape }, start],
      params,
    })),
    {
      title: 'masks',
      operands: [
        { shape: [5], dtype: 'bool', values: [1, 0, 0] },
        { shape: [1], dtype: 'int32', values: [2] },
      ],
      params: { batch: 0, extents: [2] },
    } satisfies Sample<DynamicSliceParams>,
  ],
});

/** x with a slice, whose place is data, replaced or added to; linear in x and the update. */
export const dynamicUpdate: CallablePrimitive<3, DynamicUpdateParams> = definePrimitive({
  name: 'dynamicUpdate',
  arity: 3,
  type: ([x, start, update], { batch, mode }: DynamicUpdateParams) => {
    const lead = x.shape.slice(0, batch);
    if (
      update.dtype !== x.dtype ||
      update.shape.length !== x.shape.length ||
      !sameShape(update.shape.slice(0, batch), lead)
    ) {
      throw new ShapeError(
        `dynamicUpdate: the update is ${describeType(update)}; it must have the dtype and the number of axes of ${describeType(x)}.`,
      );
    }
    if (mode === 'add' && x.dtype === 'bool') {
      throw new DTypeError(`dynamicUpdate: masks do not add; got ${describeType(x)}.`);
    }
    checkStart('dynamicUpdate', x, start, { batch, extents: update.shape.slice(batch) });
    return tensorType(x.dtype, x.shape, x.weak && update.weak);
  },
  linear: { in: [0, 2], as: 'together' },
  transpose: (ct, [x, start, update], { batch, mode }) => {
    if (isLinear(start)) return;
    const type = isLinear(update) ? update.dense() : update.type;
    if (type.kind !== 'tensor') return;
    const nothing = zeros(tensorType(ct.dtype, type.shape));
    if (isLinear(x)) {
      x.add(mode === 'add' ? ct : dynamicUpdate(ct, start, nothing, { batch, mode: 'set' }));
    }
    if (isLinear(update)) {
      update.add(dynamicSlice(ct, start, { batch, extents: type.shape.slice(batch) }));
    }
  },
  vmap: (operands, batched, { batch, mode }) => {
    const [x, start, update] = alignBatch(operands, batched);
    if (!x || !start || !update) throw new Error('unreachable');
    return dynamicUpdate(x, start, update, { batch: batch + 1, mode });
  },
  dependence: 'sum',
  lower: {
    kind: 'nest',
    inPlace: 0,
    emit: (k, [, readStart, readUpdate], { params: { batch, mode }, operands }) => {
      const [x, , update] = operands;
      k.forEach(update.shape, (index) => {
        const to = source(index, x.shape, update.shape, batch, readStart);
        const value = readUpdate(index);
        k.write(0, to, mode === 'add' ? binary('add', k.readResult(0, to), value) : value);
      });
    },
  },
});

/** What the laws hold `dynamicUpdate` to. */
export const dynamicUpdateLaws: Laws = forLaws<3, DynamicUpdateParams>(dynamicUpdate, {
  reference: ([x, start, update], _, { batch, mode }) => {
    const data = x.data.slice();
    offsets(x.type.shape, update.type.shape, start, batch).forEach((to, i) => {
      const value = update.data[i] ?? Number.NaN;
      data[to] = mode === 'add' ? (data[to] ?? 0) + value : value;
    });
    return data;
  },
  samples: () =>
    (['set', 'add'] as const).flatMap((mode) =>
      cases().map(
        ({ title, shape, start, params: { batch, extents } }): Sample<DynamicUpdateParams> => ({
          title: `${mode} ${title}`,
          operands: [{ shape }, start, { shape: [...shape.slice(0, batch), ...extents] }],
          params: { batch, mode },
        }),
      ),
    ),
});
