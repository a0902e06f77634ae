import type { Index } from '../kernel/affine.ts';
import { affineScale, affineShift } from '../kernel/affine.ts';
import { binary } from '../kernel/scalars.ts';
import { allocate } from '../tensor/dtype.ts';
import {
  formatShape,
  rowMajorStrides,
  type Shape,
  ShapeError,
  sameShape,
  sizeOf,
} from '../tensor/shape.ts';
import { describeType, tensorType } from '../tensor/type.ts';
import { isLinear } from './cotangent.ts';
import { type CallablePrimitive, definePrimitive, type Sample } from './define.ts';
import { alignBatch } from './elementwise.ts';
import { forLaws, type Laws } from './for-laws.ts';

export interface SliceParams {
  /** First position on each axis. */
  readonly start: readonly number[];
  /** Extents of the slice. */
  readonly extents: Shape;
  /** Step on each axis; not 0, negative runs backwards. */
  readonly step: readonly number[];
}

function checkSlice(name: string, shape: Shape, { start, extents, step }: SliceParams): void {
  const inside = shape.every((extent, axis) => {
    const first = start[axis] ?? Number.NaN;
    const count = extents[axis] ?? Number.NaN;
    const last = first + (count - 1) * (step[axis] ?? Number.NaN);
    return count === 0 || (first >= 0 && first < extent && last >= 0 && last < extent);
  });
  if (!inside || extents.length !== shape.length) {
    throw new ShapeError(
      `${name}: start [${start.join(', ')}], extents [${extents.join(', ')}] and step [${step.join(', ')}] leave shape ${formatShape(shape)}.`,
    );
  }
}

function positions(index: Index, { start, step }: SliceParams): Index {
  return index.map((position, axis) =>
    affineShift(affineScale(position, step[axis] ?? 1), start[axis] ?? 0),
  );
}

/** Row-major offsets in `shape` of the elements of a slice. */
function offsets(shape: Shape, { start, extents, step }: SliceParams): number[] {
  const strides = rowMajorStrides(shape);
  const within = rowMajorStrides(extents);
  return Array.from({ length: sizeOf(extents) }, (_, i) =>
    extents.reduce((offset, extent, axis) => {
      const at = Math.floor(i / (within[axis] ?? 1)) % extent;
      return offset + ((start[axis] ?? 0) + at * (step[axis] ?? 1)) * (strides[axis] ?? 1);
    }, 0),
  );
}

function batchedParams(size: number, { start, extents, step }: SliceParams): SliceParams {
  return { start: [0, ...start], extents: [size, ...extents], step: [1, ...step] };
}

const cases: readonly { title: string; shape: Shape; params: SliceParams }[] = [
  { title: 'a run', shape: [9], params: { start: [2], extents: [5], step: [1] } },
  { title: 'every second', shape: [9], params: { start: [1], extents: [4], step: [2] } },
  { title: 'backwards', shape: [5], params: { start: [4], extents: [5], step: [-1] } },
  { title: 'one element', shape: [3], params: { start: [1], extents: [1], step: [1] } },
  { title: 'nothing', shape: [3], params: { start: [0], extents: [0], step: [1] } },
  {
    title: 'a block',
    shape: [4, 7],
    params: { start: [1, 0], extents: [2, 4], step: [1, 2] },
  },
  { title: 'a scalar', shape: [], params: { start: [], extents: [], step: [] } },
];

/** Elements at regular positions: `x[start + i * step]` on each axis. */
export const slice: CallablePrimitive<1, SliceParams> = definePrimitive({
  name: 'slice',
  arity: 1,
  type: ([x], params: SliceParams) => {
    checkSlice('slice', x.shape, params);
    return tensorType(x.dtype, params.extents, x.weak);
  },
  linear: { in: [0], as: 'together' },
  transpose: (ct, [x], params) => {
    if (isLinear(x)) x.accumulate((sum) => sliceAdd(sum, ct, params));
  },
  vmap: ([x], _, params) => slice(x, batchedParams(x.shape[0] ?? 0, params)),
  dependence: 'selection',
  lower: {
    kind: 'pull',
    cost: 'view',
    at: ([read], index, { params }) => read(positions(index, params)),
  },
});

/** What the laws hold `slice` to. */
export const sliceLaws: Laws = forLaws<1, SliceParams>(slice, {
  reference: ([x], result, params) => {
    const data = allocate(result.dtype, sizeOf(result.shape));
    offsets(x.type.shape, params).forEach((from, i) => {
      data[i] = x.data[from] ?? Number.NaN;
    });
    return data;
  },
  samples: () => [
    ...cases.map(({ title, shape, params }) => ({ title, operands: [{ shape }], params })),
    {
      title: 'masks',
      operands: [{ shape: [9], dtype: 'bool' }],
      params: { start: [2], extents: [3], step: [3] },
    } satisfies Sample<SliceParams>,
  ],
});

/** x with an update added at the positions of a slice; linear in both. */
export const sliceAdd: CallablePrimitive<2, SliceParams> = definePrimitive({
  name: 'sliceAdd',
  arity: 2,
  type: ([x, update], params: SliceParams) => {
    checkSlice('sliceAdd', x.shape, params);
    if (update.dtype !== x.dtype || !sameShape(update.shape, params.extents)) {
      throw new ShapeError(
        `sliceAdd: the update is ${describeType(update)}; it must be ${describeType(tensorType(x.dtype, params.extents))}.`,
      );
    }
    return tensorType(x.dtype, x.shape, x.weak && update.weak);
  },
  linear: { in: 'all', as: 'together' },
  transpose: (ct, [x, update], params) => {
    if (isLinear(x)) x.add(ct);
    if (isLinear(update)) update.add(slice(ct, params));
  },
  vmap: (operands, batched, params) => {
    const [x, update] = alignBatch(operands, batched);
    if (!x || !update) throw new Error('unreachable');
    return sliceAdd(x, update, batchedParams(x.shape[0] ?? 0, params));
  },
  dependence: 'sum',
  lower: {
    kind: 'nest',
    inPlace: 0,
    piece: ([read, readUpdate], index, { params: { start, extents, step } }, isBelow) => {
      if (step.some((by, axis) => by !== 1 && extents[axis] !== 1)) return undefined;
      const inside = index.every((position, axis) => {
        const from = start[axis] ?? 0;
        return !isBelow(position, from) && isBelow(position, from + (extents[axis] ?? 0));
      });
      if (!inside) return read(index);
      const within = index.map((position, axis) => affineShift(position, -(start[axis] ?? 0)));
      return binary('add', read(index), readUpdate(within));
    },
    emit: (k, [, readUpdate], { params }) => {
      k.forEach(params.extents, (index) => {
        const to = positions(index, params);
        k.write(0, to, binary('add', k.readResult(0, to), readUpdate(index)));
      });
    },
  },
});

/** What the laws hold `sliceAdd` to. */
export const sliceAddLaws: Laws = forLaws<2, SliceParams>(sliceAdd, {
  reference: ([x, update], _, params) => {
    const data = x.data.slice();
    offsets(x.type.shape, params).forEach((to, i) => {
      data[to] = (data[to] ?? 0) + (update.data[i] ?? Number.NaN);
    });
    return data;
  },
  samples: () =>
    cases.map(({ title, shape, params }) => ({
      title,
      operands: [{ shape }, { shape: params.extents }],
      params,
    })),
});
