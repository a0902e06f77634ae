import { cast, constant, indexValue } from '../kernel/scalars.ts';
import { allocate, type DType } from '../tensor/dtype.ts';
import { ShapeError } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type TensorType, tensorType } from '../tensor/type.ts';
import { scalarOf } from '../trace/trace.ts';
import { broadcast } from './broadcast.ts';
import { type CallablePrimitive, definePrimitive } from './define.ts';
import { forLaws, type Laws } from './for-laws.ts';

/** `[0, 1, ..., size - 1]`. */
export const iota: CallablePrimitive<number, { size: number; dtype: DType }> = definePrimitive({
  name: 'iota',
  type: (_, { size, dtype }: { size: number; dtype: DType }) => {
    if (!Number.isInteger(size) || size < 0) {
      throw new ShapeError(`iota: the size is a whole number >= 0, not ${size}.`);
    }
    return tensorType(dtype, [size]);
  },
  linearize: (_, params) => [iota([], params)],
  vmap: (_operands, _batched, params) => iota([], params),
  lower: {
    kind: 'pull',
    cost: 'cheap',
    at: (_, [i], { params }) => (i ? cast(params.dtype, indexValue(i)) : constant(params.dtype, 0)),
  },
});

/** What the laws hold `iota` to. */
export const iotaLaws: Laws = forLaws<number, { size: number; dtype: DType }>(iota, {
  reference: (_, __, { size, dtype }) => {
    const data = allocate(dtype, size);
    for (let i = 0; i < size; i++) data[i] = i;
    return data;
  },
  samples: () =>
    [0, 1, 7].map((size) => ({
      title: `size ${size}`,
      operands: [],
      params: { size, dtype: 'float64' as const },
    })),
});

/** A tensor of equal elements; 0, 1, -1, 2, 0.5 and integers become literals of the Program. */
export function filled(type: TensorType, value: number): Tensor {
  const scalar = scalarOf(value, tensorType(type.dtype, [], type.weak));
  return type.shape.length === 0 ? scalar : broadcast(scalar, { shape: type.shape, axes: [] });
}

/** Zeros of a type. */
export function zeros(type: TensorType): Tensor {
  return filled(type, 0);
}

/** Equal elements, with the dtype and shape of another tensor. */
export function filledLike(x: Tensor, value: number): Tensor {
  return filled(tensorType(x.dtype, x.shape), value);
}
