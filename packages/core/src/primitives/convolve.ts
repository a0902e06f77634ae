/**
 * Convolution by the sum that defines it, without padding:
 *
 *   result[g, n, o, y] = sum over c and k of x[g, n, c, strides y + dilation k] kernel[g, o, c, k]
 *
 * for positions y and taps k on any number of spatial axes. With the groups on an axis of their own
 * the operation is closed: the derivative in the kernel is the same sum with the roles of batch and
 * channels, and of strides and dilation, exchanged; the one in x has the kernel reversed and the
 * cotangent spread by the strides and padded. Batches of x join n, those of the kernel join o, and
 * those of both join g.
 */

import { type Affine, affineAdd, affineScale, affineZero, type Index } from '../kernel/affine.ts';
import type { Expr } from '../kernel/expr.ts';
import { binary } from '../kernel/scalars.ts';
import type { SumOrder } from '../kernel/statement.ts';
import { allocate } from '../tensor/dtype.ts';
import { DTypeError, rowMajorStrides, type Shape, ShapeError, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { describeType, type TensorType, tensorType } from '../tensor/type.ts';
import { add } from './arithmetic.ts';
import { broadcast } from './broadcast.ts';
import { CompensatedSum } from './compensated-sum.ts';
import { isLinear } from './cotangent.ts';
import { zeros } from './create.ts';
import { type CallablePrimitive, definePrimitive, type Sample } from './define.ts';
import { alignBatch } from './elementwise.ts';
import { forLaws, type Laws } from './for-laws.ts';
import { reduceSum } from './reduce.ts';
import { reshape } from './reshape.ts';
import { slice, sliceAdd } from './slice.ts';
import { sumOrder } from './sum-order.ts';
import { transpose } from './transpose.ts';
import { windows } from './windows.ts';

export interface ConvolveParams {
  /** Step from one position of the kernel to the next, for each spatial axis. */
  readonly strides: readonly number[];
  /** Distance between taps of the kernel, for each spatial axis. */
  readonly dilation: readonly number[];
}

/** Axes before the spatial ones. */
const lead = 3;

function spatialExtents(x: Shape, kernel: Shape, { strides, dilation }: ConvolveParams): number[] {
  return strides.map((stride, i) => {
    const reach = ((kernel[lead + i] ?? 0) - 1) * (dilation[i] ?? 1);
    return Math.max(0, Math.floor(((x[lead + i] ?? 0) - reach - 1) / stride) + 1);
  });
}

/** The order of the sums: kernels make rows, and positions in all of the batch make columns. */
function orderOf(x: TensorType, kernel: TensorType, params: ConvolveParams): SumOrder | undefined {
  const positions = sizeOf(spatialExtents(x.shape, kernel.shape, params));
  return sumOrder(x.dtype, {
    rows: kernel.shape[1] ?? 0,
    columns: (x.shape[1] ?? 0) * positions,
    terms: sizeOf(kernel.shape.slice(2)),
  });
}

function convolveType(
  [x, kernel]: readonly [TensorType, TensorType],
  params: ConvolveParams,
): TensorType {
  const ndim = lead + params.strides.length;
  const fits =
    x.shape.length === ndim &&
    kernel.shape.length === ndim &&
    x.shape[0] === kernel.shape[0] &&
    x.shape[2] === kernel.shape[2] &&
    kernel.shape.slice(lead).every((extent) => extent > 0);
  if (!fits) {
    throw new ShapeError(
      `convolve: shapes [g, n, c, ...] and [g, o, c, ...] with ${ndim} axes and taps on each are needed; got ${describeType(x)} and ${describeType(kernel)}.`,
    );
  }
  if (x.dtype !== kernel.dtype || x.dtype === 'bool') {
    throw new DTypeError(
      `convolve: operands must have one number dtype; got ${describeType(x)} and ${describeType(kernel)}.`,
    );
  }
  const [groups = 0, batch = 0] = x.shape;
  const shape = [
    groups,
    batch,
    kernel.shape[1] ?? 0,
    ...spatialExtents(x.shape, kernel.shape, params),
  ];
  return tensorType(x.dtype, shape, x.weak && kernel.weak);
}

/** Exchanges two of the axes before the spatial ones. */
function exchanged(x: Tensor, a: number, b: number): Tensor {
  return transpose(x, { perm: x.shape.map((_, axis) => (axis === a ? b : axis === b ? a : axis)) });
}

/** The taps in reverse order: a copy and not a view, as every element is read many times. */
function reversed(x: Tensor): Tensor {
  return sliceAdd(zeros(tensorType(x.dtype, x.shape)), x, {
    start: x.shape.map((extent, axis) => (axis < lead ? 0 : extent - 1)),
    extents: x.shape,
    step: x.shape.map((_, axis) => (axis < lead ? 1 : -1)),
  });
}

/** The derivative in x, applied to a cotangent. */
function pullToX(
  ct: Tensor,
  kernel: Tensor,
  x: Shape,
  { strides, dilation }: ConvolveParams,
): Tensor {
  const reach = dilation.map((by, i) => ((kernel.shape[lead + i] ?? 1) - 1) * by);
  const extents = x.slice(lead).map((extent, i) => extent + (reach[i] ?? 0));
  const spread = sliceAdd(
    zeros(tensorType(ct.dtype, [...ct.shape.slice(0, lead), ...extents])),
    ct,
    { start: [0, 0, 0, ...reach], extents: ct.shape, step: [1, 1, 1, ...strides] },
  );
  const turned = reversed(exchanged(kernel, 1, 2));
  return convolve(spread, turned, { strides: strides.map(() => 1), dilation });
}

/** The derivative in the kernel, applied to a cotangent. */
function pullToKernel(
  ct: Tensor,
  x: Tensor,
  kernel: Shape,
  { strides, dilation }: ConvolveParams,
): Tensor {
  const used = slice(x, {
    start: x.shape.map(() => 0),
    extents: x.shape.map((extent, axis) => {
      if (axis < lead) return extent;
      const i = axis - lead;
      const taps = ((kernel[axis] ?? 1) - 1) * (dilation[i] ?? 1);
      return taps + ((ct.shape[axis] ?? 1) - 1) * (strides[i] ?? 1) + 1;
    }),
    step: x.shape.map(() => 1),
  });
  const sums = convolve(exchanged(used, 1, 2), exchanged(ct, 1, 2), {
    strides: dilation,
    dilation: strides,
  });
  return exchanged(sums, 1, 2);
}

/** The type of one entry of a batch. */
function entryOf({ dtype, shape }: Tensor, batched = false): TensorType {
  return tensorType(dtype, batched ? shape.slice(1) : shape);
}

/** Joins the leading axis with axis `into` of the rest. */
function merged(x: Tensor, into: number): Tensor {
  const [batch = 0, ...rest] = x.shape;
  const order = rest.map((_, axis) => axis + 1).toSpliced(into, 0, 0);
  return reshape(transpose(x, { perm: order }), {
    shape: rest.with(into, batch * (rest[into] ?? 0)),
  });
}

/**
 * Undoes `merged` in a result: of the axes `[batch, ...rest]` of an operand, one (1: the rows of x or
 * the columns of the kernel, 0: the groups of both) was merged with the batch.
 */
function unmerged(x: Tensor, operand: Shape, axis: number, from = axis): Tensor {
  const [batch = 0, ...rest] = operand;
  const extent = rest[axis] ?? 0;
  const apart = reshape(x, { shape: x.shape.toSpliced(from, 1, batch, extent) });
  const others = apart.shape.map((_, i) => i).filter((i) => i !== from);
  return transpose(apart, { perm: [from, ...others] });
}

type Positions = readonly (readonly [at: number, tap: number])[];

/** Extents, steps between taps and positions of one spatial axis, as offsets along it. */
function reached(at: Affine, tap: Affine, stride: number, dilation: number): Affine {
  return affineAdd(affineScale(at, stride), affineScale(tap, dilation));
}

/** Pairs of positions in x and taps that one element of the result sums over. */
function* taps(kernel: Shape, at: readonly number[], params: ConvolveParams): Generator<Positions> {
  const extents = kernel.slice(lead);
  const inner = rowMajorStrides(extents);
  for (let k = 0; k < sizeOf(extents); k++) {
    yield extents.map((extent, i) => {
      const tap = Math.floor(k / (inner[i] ?? 1)) % extent;
      return [(at[i] ?? 0) * (params.strides[i] ?? 1) + tap * (params.dilation[i] ?? 1), tap];
    });
  }
}

interface Geometry {
  readonly title: string;
  readonly x: Shape;
  readonly kernel: Shape;
  readonly strides: readonly number[];
  readonly dilation: readonly number[];
}

const geometries: readonly Geometry[] = [
  { title: 'a line', x: [1, 2, 3, 9], kernel: [1, 5, 3, 3], strides: [1], dilation: [1] },
  {
    title: 'an image',
    x: [1, 1, 2, 5, 7],
    kernel: [1, 3, 2, 3, 3],
    strides: [1, 1],
    dilation: [1, 1],
  },
  {
    title: 'strides that leave a rest, dilation and groups',
    x: [2, 2, 1, 6, 8],
    kernel: [2, 3, 1, 2, 3],
    strides: [2, 3],
    dilation: [3, 2],
  },
  {
    title: 'a volume',
    x: [1, 1, 1, 3, 4, 3],
    kernel: [1, 2, 1, 2, 1, 2],
    strides: [1, 2, 1],
    dilation: [1, 1, 1],
  },
  {
    title: 'tiles that are not full',
    x: [1, 2, 3, 4, 5],
    kernel: [1, 5, 3, 2, 2],
    strides: [1, 1],
    dilation: [1, 1],
  },
  { title: 'no spatial axes', x: [1, 3, 5], kernel: [1, 2, 5], strides: [], dilation: [] },
  { title: 'many channels', x: [1, 1, 9, 6], kernel: [1, 2, 9, 2], strides: [1], dilation: [1] },
  { title: 'single elements', x: [1, 1, 1, 1], kernel: [1, 1, 1, 1], strides: [1], dilation: [1] },
  { title: 'no batch', x: [1, 0, 2, 5], kernel: [1, 3, 2, 2], strides: [1], dilation: [1] },
  { title: 'no channels', x: [1, 2, 0, 5], kernel: [1, 3, 0, 2], strides: [1], dilation: [1] },
  {
    title: 'a kernel that is too long',
    x: [1, 1, 2, 2],
    kernel: [1, 1, 2, 3],
    strides: [1],
    dilation: [1],
  },
];

function sampleOf(
  { title, x, kernel, strides, dilation }: Geometry,
  dtype: 'float' | 'int32',
): Sample<ConvolveParams> {
  return {
    title: dtype === 'int32' ? `${title} of integers` : title,
    operands: [
      { shape: x, dtype, ...(dtype === 'int32' && { from: -9, to: 9 }) },
      { shape: kernel, dtype, ...(dtype === 'int32' && { from: -9, to: 9 }) },
    ],
    params: { strides, dilation },
  };
}

/**
 * Convolution without padding: `[g, n, c, ...]` by `[g, o, c, ...]` is `[g, n, o, ...]`. Sums go over
 * channels and taps, in blocks or pairwise (`sumOrder`).
 */
export const convolve: CallablePrimitive<2, ConvolveParams> = definePrimitive({
  name: 'convolve',
  arity: 2,
  type: convolveType,
  linear: { in: [0, 1], as: 'each' },
  transpose: (ct, [x, kernel], params) => {
    if (sizeOf(ct.shape) === 0) return;
    if (isLinear(x) && !isLinear(kernel)) x.add(pullToX(ct, kernel, x.dense().shape, params));
    if (isLinear(kernel) && !isLinear(x)) {
      kernel.add(pullToKernel(ct, x, kernel.dense().shape, params));
    }
  },
  vmap: (operands, batched, params) => {
    const [x, kernel] = operands;
    const [ofX, ofKernel] = batched;
    // Where more rows or columns would change the order of the sums, there are more groups.
    if (
      (ofX && ofKernel) ||
      orderOf(entryOf(x, ofX), entryOf(kernel, ofKernel), params) === undefined
    ) {
      const [left, right] = alignBatch(operands, batched);
      if (!left || !right) throw new Error('unreachable');
      const whole = convolve(merged(left, 0), merged(right, 0), params);
      return unmerged(whole, left.shape, 0);
    }
    if (ofX) return unmerged(convolve(merged(x, 1), kernel, params), x.shape, 1);
    return unmerged(convolve(x, merged(kernel, 1), params), kernel.shape, 1, 2);
  },
  dependence: {
    kind: 'like',
    like: ([x, kernel], { strides, dilation }) => {
      const size = kernel.shape.slice(lead);
      const seen = windows(x, { size, strides, dilation });
      const taps = size.map((_, i) => lead + size.length + i);
      const sums = reduceSum(seen, { axes: [2, ...taps] });
      const [, batch = 0, ...places] = sums.shape;
      const perKernel = reduceSum(kernel, { axes: [2, ...size.map((_, i) => lead + i)] });
      const shape = [...kernel.shape.slice(0, 1), batch, kernel.shape[1] ?? 0, ...places];
      return add(
        broadcast(sums, { shape, axes: [0, 1, ...places.map((_, i) => lead + i)] }),
        broadcast(perKernel, { shape, axes: [0, 2] }),
      );
    },
  },
  lower: {
    kind: 'nest',
    emit: (k, [readX, readKernel], { params, operands: [x, kernel], results: [result] }) => {
      const { strides, dilation } = params;
      const extents = kernel.shape.slice(lead);
      const channels = kernel.shape[2] ?? 0;
      const order = orderOf(x, kernel, params);
      // Lanes go across a row of the result when it fills them; then channels make long sums.
      const across = (result?.shape.at(-1) ?? 0) >= 4 && strides.length > 0;
      const channelsLast = order === undefined && across && channels >= (extents.at(-1) ?? 1);
      k.forEach(result?.shape ?? [], (position) => {
        const [g = affineZero, n = affineZero, o = affineZero, ...at] = position;
        const over = channelsLast ? [...extents, channels] : [channels, ...extents];
        const product = (inner: Index): Expr => {
          const c = (channelsLast ? inner.at(-1) : inner[0]) ?? affineZero;
          const tap = channelsLast ? inner.slice(0, -1) : inner.slice(1);
          const from = at.map((y, i) =>
            reached(y, tap[i] ?? affineZero, strides[i] ?? 1, dilation[i] ?? 1),
          );
          return binary('mul', readX([g, n, c, ...from]), readKernel([g, o, c, ...tap]));
        };
        k.write(0, position, k.reduce('add', over, product, order));
      });
    },
  },
});

/** What the laws hold `convolve` to. */
export const convolveLaws: Laws = forLaws<2, ConvolveParams>(convolve, {
  reference: ([x, kernel], result, params) => {
    const data = allocate(result.dtype, sizeOf(result.shape));
    const [inX, inKernel, inResult] = [x.type.shape, kernel.type.shape, result.shape].map(
      rowMajorStrides,
    );
    const position = (i: number): number[] =>
      result.shape.map((extent, axis) => Math.floor(i / (inResult?.[axis] ?? 1)) % extent);
    const offset = (at: readonly number[], strides: readonly number[] = []): number =>
      at.reduce((sum, place, axis) => sum + place * (strides[axis] ?? 0), 0);
    for (let i = 0; i < data.length; i++) {
      const [g = 0, n = 0, o = 0, ...at] = position(i);
      const sum = new CompensatedSum();
      for (let c = 0; c < (x.type.shape[2] ?? 0); c++) {
        for (const pairs of taps(kernel.type.shape, at, params)) {
          const left = x.data[offset([g, n, c, ...pairs.map(([from]) => from)], inX)] ?? Number.NaN;
          const right =
            kernel.data[offset([g, o, c, ...pairs.map(([, tap]) => tap)], inKernel)] ?? Number.NaN;
          sum.add(result.dtype === 'int32' ? Math.imul(left, right) : left * right);
        }
      }
      data[i] = sum.value;
    }
    return data;
  },
  samples: () => [
    ...geometries.map((geometry) => sampleOf(geometry, 'float')),
    ...geometries.slice(2, 3).map((geometry) => sampleOf(geometry, 'int32')),
  ],
});
