import type { NdArray } from 'ndarray';
import { cast } from '../primitives/cast.ts';
import type { Leaf } from '../program/tree.ts';
import { isTypedArray } from '../program/tree.ts';
import { checkDType, checkOptions, describeValue, isInt32 } from '../tensor/check.ts';
import { allocate, type Data, type DType } from '../tensor/dtype.ts';
import type { TensorLike } from '../tensor/methods.ts';
import { forEachElement, isNdarray } from '../tensor/ndarray.ts';
import { checkCount, DTypeError, ShapeError, sizeOf } from '../tensor/shape.ts';
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
export function tensor(data: TensorLike, options: { dtype?: DType } = {}): Tensor {
  checkOptions('tensor', options, ['dtype']);
  const { dtype } = options;
  if (dtype !== undefined) checkDType('tensor', dtype);
  return convert('tensor', 'the argument', data, dtype);
}

/** `tensor` for an argument of another function, by whose name messages begin. */
export function convert(name: string, what: string, data: TensorLike, dtype?: DType): Tensor {
  if (isTensor(data)) return dtype && dtype !== data.dtype ? cast(data, { dtype }) : data;
  if (isNdarray(data)) {
    const kind = dtype ?? dtypeOfArray(data.data);
    checkCount(name, data.shape);
    const values = allocate(kind, sizeOf(data.shape));
    forEachElement(data, (value, i) => {
      values[i] = kind === 'bool' ? Number(value !== 0) : value;
    });
    return fromData(kind, [...data.shape], values);
  }
  if (isTypedArray(data)) {
    checkCount(name, [data.length]);
    return fromTyped(data, dtype ?? dtypeOfArray(data));
  }
  return fromNested({ name, what }, data, dtype);
}

/** The same as `tensor`; reads better where the argument is an `ndarray`. */
export function fromNdarray(array: NdArray, options: { dtype?: DType } = {}): Tensor {
  checkOptions('fromNdarray', options, ['dtype']);
  if (options.dtype !== undefined) checkDType('fromNdarray', options.dtype);
  return convert('fromNdarray', 'the argument', array, options.dtype);
}

/** An operand: numbers become weak scalars, which take the dtype of what they meet. */
export function asTensor(value: TensorLike | Leaf, name = 'tensor', what = 'the argument'): Tensor {
  if (typeof value === 'number') return scalarOf(value, tensorType('float64', [], true));
  return convert(name, what, value);
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

/** The argument that is converted, for messages. */
interface Role {
  readonly name: string;
  readonly what: string;
}

function fromNested(role: Role, data: Nested, dtype: DType | undefined): Tensor {
  const shape: number[] = [];
  for (let level: Nested | undefined = data; Array.isArray(level); level = level[0]) {
    shape.push(level.length);
  }
  const flat: (number | boolean)[] = [];
  collect(role, data, shape, 0, flat, '');
  const kind = dtype ?? (flat.length > 0 && flat.every(isBoolean) ? 'bool' : 'float64');
  const values = allocate(kind, flat.length);
  flat.forEach((value, i) => {
    const number = Number(value);
    if (kind === 'int32' && !Number.isInteger(number)) {
      throw new DTypeError(
        `${role.name}: ${role.what} has ${number}, which is not a whole number; int32 is needed.`,
      );
    }
    if (kind === 'int32' && !isInt32(number)) {
      throw new DTypeError(
        `${role.name}: ${role.what} has ${number}, and int32 holds -2147483648 to 2147483647 (2^31 - 1).`,
      );
    }
    values[i] = kind === 'bool' ? Number(number !== 0) : number;
  });
  return fromData(kind, shape, values);
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function collect(
  role: Role,
  data: Nested,
  shape: readonly number[],
  axis: number,
  into: (number | boolean)[],
  path: string,
): void {
  if (typeof data === 'number' || typeof data === 'boolean') {
    if (axis < shape.length) throw ragged(role, path, shape[axis] ?? 0, 'a number');
    into.push(data);
    return;
  }
  if (!Array.isArray(data)) {
    throw new DTypeError(
      `${role.name}: ${path ? `the element at ${path} of ${role.what}` : role.what} is ${describeValue(data)}; it must be a number, an array of numbers, a typed array, an ndarray or a tensor.`,
    );
  }
  if (axis >= shape.length || data.length !== shape[axis]) {
    throw ragged(role, path, shape[axis], `${data.length} entries`);
  }
  data.forEach((child: Nested, i) => {
    collect(role, child, shape, axis + 1, into, `${path}[${i}]`);
  });
}

function ragged(
  { name }: Role,
  path: string,
  expected: number | undefined,
  found: string,
): ShapeError {
  const where = path || 'the top level';
  return new ShapeError(
    `${name}: nested arrays are ragged: ${where} has ${found}, its neighbours have ${expected === undefined ? 'numbers' : `${expected} entries`}.`,
  );
}
