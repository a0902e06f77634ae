import { affineShift } from '../kernel/affine.ts';
import { allocate } from '../tensor/dtype.ts';
import { DTypeError, rowMajorStrides, ShapeError, sizeOf } from '../tensor/shape.ts';
import { describeType, type TensorType, tensorType } from '../tensor/type.ts';
import { isLinear } from './cotangent.ts';
import { type CallablePrimitive, definePrimitive } from './define.ts';
import { alignBatch } from './elementwise.ts';
import { forLaws, type Laws } from './for-laws.ts';
import { slice } from './slice.ts';

/** Joins tensors along an existing axis; the other extents agree. */
export const concatenate: CallablePrimitive<number, { axis: number }> = definePrimitive({
  name: 'concatenate',
  type: (operands: readonly TensorType[], { axis }: { axis: number }) => {
    const [first] = operands;
    if (first === undefined) throw new ShapeError('concatenate: needs at least one tensor.');
    const all = (): string => operands.map(describeType).join(', ');
    for (const { shape, dtype } of operands) {
      if (dtype !== first.dtype) {
        throw new DTypeError(`concatenate: tensors have different dtypes (${all()}); use astype.`);
      }
      if (
        shape.length !== first.shape.length ||
        axis >= shape.length ||
        shape.some((extent, i) => i !== axis && extent !== first.shape[i])
      ) {
        throw new ShapeError(
          `concatenate: shapes must agree except on axis ${axis}; got ${all()}.`,
        );
      }
    }
    const total = operands.reduce((sum, { shape }) => sum + (shape[axis] ?? 0), 0);
    return tensorType(
      first.dtype,
      first.shape.map((extent, i) => (i === axis ? total : extent)),
      operands.every(({ weak }) => weak),
    );
  },
  linear: { in: 'all', as: 'together' },
  transpose: (ct, operands, { axis }) => {
    let from = 0;
    for (const operand of operands) {
      const shape = isLinear(operand) ? operand.dense().shape : operand.shape;
      if (isLinear(operand)) {
        const start = shape.map((_, i) => (i === axis ? from : 0));
        operand.add(slice(ct, { start, extents: shape, step: shape.map(() => 1) }));
      }
      from += shape[axis] ?? 0;
    }
  },
  vmap: (operands, batched, { axis }) =>
    concatenate(alignBatch(operands, batched), { axis: axis + 1 }),
  dependence: 'selection',
  lower: {
    kind: 'nest',
    piece: (reads, index, { operands, params: { axis } }, isBelow) => {
      const position = index[axis];
      if (position === undefined) return undefined;
      let from = 0;
      for (const [i, { shape }] of operands.entries()) {
        const to = from + (shape[axis] ?? 0);
        if (i === operands.length - 1 || isBelow(position, to)) {
          const offset = -from;
          return reads[i]?.(index.map((at, d) => (d === axis ? affineShift(at, offset) : at)));
        }
        from = to;
      }
      return undefined;
    },
    emit: (k, reads, { operands, params: { axis } }) => {
      let from = 0;
      operands.forEach(({ shape }, i) => {
        const offset = from;
        k.forEach(shape, (index) => {
          const to = index.map((at, d) => (d === axis ? affineShift(at, offset) : at));
          const value = reads[i]?.(index);
          if (value) k.write(0, to, value);
        });
        from += shape[axis] ?? 0;
      });
    },
  },
});

/** What the laws hold `concatenate` to. */
export const concatenateLaws: Laws = forLaws<number, { axis: number }>(concatenate, {
  reference: (operands, result, { axis }) => {
    const data = allocate(result.dtype, sizeOf(result.shape));
    const strides = rowMajorStrides(result.shape);
    let from = 0;
    for (const { type, data: part } of operands) {
      const inner = rowMajorStrides(type.shape);
      for (let i = 0; i < part.length; i++) {
        let to = from * (strides[axis] ?? 1);
        type.shape.forEach((extent, d) => {
          to += (Math.floor(i / (inner[d] ?? 1)) % extent) * (strides[d] ?? 1);
        });
        data[to] = part[i] ?? Number.NaN;
      }
      from += type.shape[axis] ?? 0;
    }
    return data;
  },
  samples: () => [
    { title: 'vectors', operands: [{ shape: [3] }, { shape: [5] }], params: { axis: 0 } },
    {
      title: 'columns, one of them empty',
      operands: [{ shape: [3, 2] }, { shape: [3, 0] }, { shape: [3, 5] }],
      params: { axis: 1 },
    },
    { title: 'one tensor', operands: [{ shape: [2, 3] }], params: { axis: 0 } },
    {
      title: 'integers',
      operands: [
        { shape: [1], dtype: 'int32' },
        { shape: [2], dtype: 'int32' },
      ],
      params: { axis: 0 },
    },
  ],
});
