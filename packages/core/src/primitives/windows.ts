import { affineAdd, affineLoop, affineScale, affineZero, type Index } from '../kernel/affine.ts';
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
import { CompensatedSum } from './compensated-sum.ts';
import { isLinear } from './cotangent.ts';
import { type CallablePrimitive, definePrimitive, type Sample } from './define.ts';
import { alignBatch } from './elementwise.ts';
import { forLaws, type Laws } from './for-laws.ts';

/** Windows over the last axes, one entry for each of them. */
export interface WindowParams {
  /** Entries of a window. */
  readonly size: Shape;
  /** Step from one window to the next. */
  readonly strides: readonly number[];
  /** Distance between the entries of a window. */
  readonly dilation: readonly number[];
}

/** `[...lead, ...extents]` becomes `[...lead, ...windows, ...size]`. */
function windowShape(name: string, x: Shape, { size, strides, dilation }: WindowParams): number[] {
  const lead = x.length - size.length;
  if (lead < 0) {
    throw new ShapeError(
      `${name}: shape ${formatShape(x)} has fewer axes than windows of size [${size.join(', ')}].`,
    );
  }
  const counts = size.map((entries, i) => {
    const reach = (entries - 1) * (dilation[i] ?? 1) + 1;
    return Math.max(0, Math.floor(((x[lead + i] ?? 0) - reach) / (strides[i] ?? 1)) + 1);
  });
  return [...x.slice(0, lead), ...counts, ...size];
}

/** Position in x of an entry of a window. */
function source(index: Index, { size, strides, dilation }: WindowParams): Index {
  const lead = index.length - 2 * size.length;
  const within = size.map((_, i) => {
    const window = affineScale(index[lead + i] ?? affineZero, strides[i] ?? 1);
    const entry = affineScale(index[lead + size.length + i] ?? affineZero, dilation[i] ?? 1);
    return affineAdd(window, entry);
  });
  return [...index.slice(0, lead), ...within];
}

/** Row-major offsets in x of all entries of all windows. */
function* offsets(x: Shape, result: Shape, params: WindowParams): Generator<number> {
  const inner = rowMajorStrides(x);
  const outer = rowMajorStrides(result);
  const { size, strides, dilation } = params;
  const lead = x.length - size.length;
  for (let i = 0; i < sizeOf(result); i++) {
    const at = result.map((extent, axis) => Math.floor(i / (outer[axis] ?? 1)) % extent);
    let offset = 0;
    x.forEach((_, axis) => {
      const k = axis - lead;
      const place =
        k < 0
          ? (at[axis] ?? 0)
          : (at[axis] ?? 0) * (strides[k] ?? 1) +
            (at[axis + size.length] ?? 0) * (dilation[k] ?? 1);
      offset += place * (inner[axis] ?? 0);
    });
    yield offset;
  }
}

const cases: readonly { title: string; x: Shape; params: WindowParams }[] = [
  { title: 'side by side', x: [2, 9], params: { size: [3], strides: [3], dilation: [1] } },
  { title: 'that overlap', x: [7], params: { size: [3], strides: [1], dilation: [1] } },
  {
    title: 'of an image, with gaps',
    x: [2, 6, 9],
    params: { size: [2, 3], strides: [2, 1], dilation: [3, 2] },
  },
  { title: 'of one entry', x: [3], params: { size: [1], strides: [2], dilation: [1] } },
  { title: 'on one entry', x: [1], params: { size: [1], strides: [1], dilation: [1] } },
  { title: 'that do not fit', x: [3, 2], params: { size: [3], strides: [1], dilation: [1] } },
  { title: 'of nothing', x: [0, 3], params: { size: [3], strides: [1], dilation: [1] } },
];

/**
 * All windows over the last axes: with `lead` axes before those, element `[l, w, k]` of the result
 * is `x[l, strides w + dilation k]`. A view.
 */
export const windows: CallablePrimitive<1, WindowParams> = definePrimitive({
  name: 'windows',
  arity: 1,
  type: ([x], params: WindowParams) =>
    tensorType(x.dtype, windowShape('windows', x.shape, params), x.weak),
  linear: { in: [0], as: 'together' },
  transpose: (ct, [x], params) => {
    if (isLinear(x)) x.accumulate((sum) => windowsAdd(sum, ct, params));
  },
  vmap: ([x], _, params) => windows(x, params),
  dependence: 'selection',
  lower: {
    kind: 'pull',
    cost: 'view',
    at: ([read], index, { params }) => read(source(index, params)),
  },
});

/** What the laws hold `windows` to. */
export const windowsLaws: Laws = forLaws<1, WindowParams>(windows, {
  reference: ([x], result, params) => {
    const data = allocate(result.dtype, sizeOf(result.shape));
    let i = 0;
    for (const from of offsets(x.type.shape, result.shape, params)) {
      data[i++] = x.data[from] ?? Number.NaN;
    }
    return data;
  },
  samples: () => [
    ...cases.map(({ title, x, params }) => ({ title, operands: [{ shape: x }], params })),
    {
      title: 'of masks',
      operands: [{ shape: [5], dtype: 'bool' }],
      params: { size: [2], strides: [1], dilation: [1] },
    } satisfies Sample<WindowParams>,
  ],
});

/** x with the entries of an update of all its windows added where they come from; linear in both. */
export const windowsAdd: CallablePrimitive<2, WindowParams> = definePrimitive({
  name: 'windowsAdd',
  arity: 2,
  type: ([x, update], params: WindowParams) => {
    const expected = tensorType(x.dtype, windowShape('windowsAdd', x.shape, params));
    if (
      x.dtype === 'bool' ||
      update.dtype !== x.dtype ||
      !sameShape(update.shape, expected.shape)
    ) {
      throw new ShapeError(
        `windowsAdd: the update is ${describeType(update)}; it must be ${describeType(expected)}, of numbers.`,
      );
    }
    return tensorType(x.dtype, x.shape, x.weak && update.weak);
  },
  linear: { in: 'all', as: 'together' },
  transpose: (ct, [x, update], params) => {
    if (isLinear(x)) x.add(ct);
    if (isLinear(update)) update.add(windows(ct, params));
  },
  vmap: (operands, batched, params) => {
    const [x, update] = alignBatch(operands, batched);
    if (!x || !update) throw new Error('unreachable');
    return windowsAdd(x, update, params);
  },
  dependence: 'sum',
  lower: {
    kind: 'nest',
    inPlace: 0,
    emit: (k, [, readUpdate], { params, operands: [, update] }) => {
      const outer = update.shape.length - params.size.length;
      // One entry of all windows at a time: these lie apart, so that they are added in parallel.
      const places = (left: Shape, entry: Index): void => {
        const [size, ...rest] = left;
        if (size === undefined) {
          k.forEach(update.shape.slice(0, outer), (position) => {
            const index = [...position, ...entry];
            const to = source(index, params);
            k.write(0, to, binary('add', k.readResult(0, to), readUpdate(index)));
          });
          return;
        }
        k.sequential(size, (loop) => places(rest, [...entry, affineLoop(loop)]));
      };
      places(params.size, []);
    },
  },
});

/** What the laws hold `windowsAdd` to. */
export const windowsAddLaws: Laws = forLaws<2, WindowParams>(windowsAdd, {
  reference: ([x, update], _, params) => {
    const data = x.data.slice();
    const sums = Array.from(data, (value) => {
      const sum = new CompensatedSum();
      sum.add(value);
      return sum;
    });
    let i = 0;
    for (const to of offsets(x.type.shape, update.type.shape, params)) {
      sums[to]?.add(update.data[i++] ?? Number.NaN);
    }
    data.set(sums.map((sum) => sum.value));
    return data;
  },
  samples: () =>
    cases.map(({ title, x, params }) => ({
      title,
      operands: [{ shape: x }, { shape: windowShape('windows', x, params) }],
      params,
    })),
});
