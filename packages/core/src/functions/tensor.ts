import type { NdArray } from 'ndarray';
import { cast } from '../primitives/cast.ts';
import type { Leaf } from '../program/tree.ts';
import { isTypedArray } from '../program/tree.ts';
import { allocate, type Data, type DType } from '../tensor/dtype.ts';
import type { TensorLike } from '../tensor/methods.ts';
import { forEachElement, isNdarray } from '../tensor/ndarray.ts';
import { DTypeError, ShapeError, sizeOf } from '../tensor/shape.ts';
import { fromData, isTensor, type Nested, type Tensor } from '../tensor/tensor.ts';
import { tensorType } from '../tensor/type.ts';
import { scalarOf } from '../trace/trace.ts';

/**
 * Makes a tensor from a number, nested arrays of numbers or booleans, a typed array, an `ndarray`
 * of any strides, or another tensor. Elements are copied.
 *
 * Numbers and nested arrays are float64 (bool when all are booleans); typed arrays and ndarrays
 * keep their dtype.
 *
 * @throws ShapeError when nested arrays are ragged.
 * @throws DTypeError when the elements are not numbers, or an array type has no dtype here.
 */
export function tensor(data: TensorLike, { dtype }: { dtype?: DType } = {}): Tensor {
  if (isTensor(data)) return dtype && dtype !== data.dtype ? cast(data, { dtype }) : data;
  if (isNdarray(data)) {
    const kind = dtype ?? dtypeOfArray(data.data);
    const values = allocate(kind, sizeOf(data.shape));
    forEachElement(data, (value, i) => {
      values[i] = kind === 'bool' ? Number(value !== 0) : value;
    });
    return fromData(kind, [...data.shape], values);
  }
  if (isTypedArray(data)) return fromTyped(data, dtype ?? dtypeOfArray(data));
  return fromNested(data, dtype);
}

/** The same as `tensor`; reads better where the argument is an `ndarray`. */
export function fromNdarray(array: NdArray, options: { dtype?: DType } = {}): Tensor {
  return tensor(array, options);
}

/** An operand: numbers become weak scalars, which take the dtype of what they meet. */
export function asTensor(value: TensorLike | Leaf): Tensor {
  if (typeof value === 'number') return scalarOf(value, tensorType('float64', [], true));
  return tensor(value);
}

function fromTyped(data: Data, dtype: DType): Tensor {
  const values = allocate(dtype, data.length);
  for (let i = 0; i < data.length; i++) {
    const value = data[i] ?? 0;
    values[i] = dtype === 'bool' ? Number(value !== 0) : value;
  }
  return fromData(dtype, [data.length], values);
}

function dtypeOfArray(data: unknown): DType {
  if (data instanceof Float64Array || Array.isArray(data)) return 'float64';
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Int32Array || data instanceof Int16Array || data instanceof Int8Array) {
    return 'int32';
  }
  if (data instanceof Uint8Array || data instanceof Uint16Array) return 'int32';
  if (data instanceof Uint8ClampedArray) return 'int32';
  throw new DTypeError(
    `tensor: elements of ${Object.prototype.toString.call(data)} have no dtype here; pass Float64Array, Float32Array, Int32Array or Uint8Array, or name one with {dtype}.`,
  );
}

function fromNested(data: Nested, dtype: DType | undefined): Tensor {
  const shape: number[] = [];
  for (let level: Nested | undefined = data; Array.isArray(level); level = level[0]) {
    shape.push(level.length);
  }
  const flat: (number | boolean)[] = [];
  collect(data, shape, 0, flat, '');
  const kind = dtype ?? (flat.length > 0 && flat.every(isBoolean) ? 'bool' : 'float64');
  const values = allocate(kind, flat.length);
  flat.forEach((value, i) => {
    const number = Number(value);
    if (kind === 'int32' && !Number.isInteger(number)) {
      throw new DTypeError(`tensor: ${number} is not a whole number, and dtype is int32.`);
    }
    values[i] = kind === 'bool' ? Number(number !== 0) : number;
  });
  return fromData(kind, shape, values);
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function collect(
  data: Nested,
  shape: readonly number[],
  axis: number,
  into: (number | boolean)[],
  path: string,
): void {
  if (typeof data === 'number' || typeof data === 'boolean') {
    if (axis < shape.length) throw ragged(path, shape[axis] ?? 0, 'a number');
    into.push(data);
    return;
  }
  if (!Array.isArray(data)) {
    throw new DTypeError(
      `tensor: ${path ? `the element at ${path}` : 'the argument'} is ${describe(data)}, not a number, an array, a typed array, an ndarray or a tensor.`,
    );
  }
  if (axis >= shape.length || data.length !== shape[axis]) {
    throw ragged(path, shape[axis], `${data.length} entries`);
  }
  data.forEach((child: Nested, i) => {
    collect(child, shape, axis + 1, into, `${path}[${i}]`);
  });
}

function ragged(path: string, expected: number | undefined, found: string): ShapeError {
  const where = path || 'the top level';
  return new ShapeError(
    `tensor: nested arrays are ragged: ${where} has ${found}, its neighbours have ${expected === undefined ? 'numbers' : `${expected} entries`}.`,
  );
}

function describe(value: unknown): string {
  return value === null ? 'null' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
