import { withinMemory } from './out-of-memory.ts';

/** Element types of tensors. `bool` is stored as one byte, 0 or 1. */
export type DType = 'float64' | 'float32' | 'int32' | 'bool';

/** The typed arrays that store tensors. */
export type Data = Float64Array | Float32Array | Int32Array | Uint8Array;

/** Every element type, widest first. */
export const dtypes: readonly DType[] = ['float64', 'float32', 'int32', 'bool'];

const bytes: { readonly [D in DType]: number } = { float64: 8, float32: 4, int32: 4, bool: 1 };

/** Bytes of one element. */
export function itemSize(dtype: DType): number {
  return bytes[dtype];
}

/** Whether values of this type can be differentiated. */
export function isFloat(dtype: DType): dtype is 'float64' | 'float32' {
  return dtype === 'float64' || dtype === 'float32';
}

/** Rounding unit of a float type: the largest relative error of one rounding. */
export function roundingUnit(dtype: DType): number {
  return dtype === 'float64' ? 2 ** -53 : dtype === 'float32' ? 2 ** -24 : 0;
}

/**
 * A zero-filled array of `size` elements.
 *
 * @throws OutOfMemoryError where there is none.
 */
export function allocate(dtype: DType, size: number): Data {
  return withinMemory(
    () => newArray(dtype, size),
    size * itemSize(dtype),
    () => `${size} elements of ${dtype}`,
  );
}

/** A zero-filled array of integers, as of `allocate`. */
export function integers(size: number): Int32Array<ArrayBuffer> {
  return withinMemory(
    () => new Int32Array(size),
    4 * size,
    () => `${size} elements of int32`,
  );
}

/** A copy of elements, in an array that is not shared. */
export function copyOf(data: Data, what = 'a copy'): Data {
  return withinMemory(
    () => data.slice(),
    data.byteLength,
    () => `${what} of ${data.length} elements`,
  );
}

function newArray(dtype: DType, size: number): Data {
  switch (dtype) {
    case 'float64':
      return new Float64Array(size);
    case 'float32':
      return new Float32Array(size);
    case 'int32':
      return new Int32Array(size);
    case 'bool':
      return new Uint8Array(size);
  }
}

/** A view of `size` elements at a byte offset of a buffer. */
export function viewOf(
  dtype: DType,
  buffer: ArrayBufferLike,
  byteOffset: number,
  size: number,
): Data {
  switch (dtype) {
    case 'float64':
      return new Float64Array(buffer, byteOffset, size);
    case 'float32':
      return new Float32Array(buffer, byteOffset, size);
    case 'int32':
      return new Int32Array(buffer, byteOffset, size);
    case 'bool':
      return new Uint8Array(buffer, byteOffset, size);
  }
}

/** The value that is stored when a JavaScript number is written with this type. */
export function toDtype(dtype: DType, value: number): number {
  switch (dtype) {
    case 'float64':
      return value;
    case 'float32':
      return Math.fround(value);
    case 'int32':
      return value | 0;
    case 'bool':
      return value !== 0 ? 1 : 0;
  }
}
