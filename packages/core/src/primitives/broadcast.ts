import { affineZero } from '../kernel/affine.ts';
import { allocate } from '../tensor/dtype.ts';
import { formatShape, rowMajorStrides, type Shape, ShapeError, sizeOf } from '../tensor/shape.ts';
import { tensorType } from '../tensor/type.ts';
import { isLinear } from './cotangent.ts';
import { type CallablePrimitive, definePrimitive } from './define.ts';
import { forLaws, type Laws } from './for-laws.ts';
import { reduceSum } from './reduce.ts';
import { reshape } from './reshape.ts';

export interface BroadcastParams {
  /** Shape of the result. */
  readonly shape: Shape;
  /** Axis of the result for each axis of the operand, rising; extents are equal, or 1 stretches. */
  readonly axes: readonly number[];
}

/** Repeats a tensor along new axes and along its axes of extent 1. */
export const broadcast: CallablePrimitive<1, BroadcastParams> = definePrimitive({
  name: 'broadcast',
  arity: 1,
  type: ([x], { shape, axes }: BroadcastParams) => {
    const fits =
      axes.length === x.shape.length &&
      axes.every((axis, i) => {
        const extent = x.shape[i];
        return (i === 0 || axis > (axes[i - 1] ?? -1)) && (extent === 1 || extent === shape[axis]);
      });
    if (!fits) {
      throw new ShapeError(
        `broadcast: shape ${formatShape(x.shape)} does not fit axes [${axes.join(', ')}] of ${formatShape(shape)}.`,
      );
    }
    return tensorType(x.dtype, shape, x.weak);
  },
  linear: { in: [0], as: 'together' },
  transpose: (ct, [x], { shape, axes }) => {
    if (!isLinear(x)) return;
    const target = x.dense().shape;
    const summed = shape.flatMap((extent, axis) => {
      const source = axes.indexOf(axis);
      return source < 0 || (target[source] === 1 && extent !== 1) ? [axis] : [];
    });
    x.add(reshape(reduceSum(ct, { axes: summed }), { shape: target }));
  },
  vmap: ([x], _, { shape, axes }) =>
    broadcast(x, { shape: [x.shape[0] ?? 0, ...shape], axes: [0, ...axes.map((a) => a + 1)] }),
  dependence: 'selection',
  lower: {
    kind: 'pull',
    cost: 'view',
    at: ([read], index, { params, operands: [x] }) =>
      read(
        params.axes.map((axis, i) => (x.shape[i] === 1 ? affineZero : (index[axis] ?? affineZero))),
      ),
  },
});

/** What the laws hold `broadcast` to. */
export const broadcastLaws: Laws = forLaws<1, BroadcastParams>(broadcast, {
  reference: ([x], result, { axes }) => {
    const data = allocate(result.dtype, sizeOf(result.shape));
    const inner = rowMajorStrides(x.type.shape);
    const outer = rowMajorStrides(result.shape);
    for (let i = 0; i < data.length; i++) {
      let from = 0;
      axes.forEach((axis, k) => {
        const at = Math.floor(i / (outer[axis] ?? 1)) % (result.shape[axis] ?? 1);
        if (x.type.shape[k] !== 1) from += at * (inner[k] ?? 0);
      });
      data[i] = x.data[from] ?? Number.NaN;
    }
    return data;
  },
  samples: () => [
    { title: 'a scalar to [5]', operands: [{ shape: [] }], params: { shape: [5], axes: [] } },
    { title: 'a row to [3, 7]', operands: [{ shape: [7] }], params: { shape: [3, 7], axes: [1] } },
    {
      title: 'a column to [3, 7, 2]',
      operands: [{ shape: [3, 1, 2] }],
      params: { shape: [3, 7, 2], axes: [0, 1, 2] },
    },
    { title: 'an empty row', operands: [{ shape: [0] }], params: { shape: [3, 0], axes: [1] } },
    {
      title: 'a middle axis of masks',
      operands: [{ shape: [5], dtype: 'bool' }],
      params: { shape: [2, 5, 3], axes: [1] },
    },
  ],
});
