import type { NdArray } from 'ndarray';
import { mark, markOf } from './another-copy.ts';
import { copyOf, type Data, type DType } from './dtype.ts';
import type { TensorMethods } from './methods.ts';
import { ndarrayOf } from './ndarray.ts';
import { formatTensor } from './print.ts';
import { type Shape, ShapeError, sizeOf } from './shape.ts';
import { type DenseStorage, Elements, Gone, Symbolic, type ValueStorage } from './storage.ts';
import { describeType, type TensorType, tensorType, type ValueType } from './type.ts';

/** Numbers in nested arrays, as deep as the tensor has axes; a plain number for a scalar. */
export type Nested = number | boolean | readonly Nested[];

/**
 * An immutable array of numbers. Everything that returns elements copies them.
 *
 * A tensor is a handle: inside a transform it may stand for a value that does not exist yet, and
 * then the methods that need elements (`item`, `toArray`, `dataSync`, ...) evaluate it where
 * that is possible, or throw with advice.
 */
export interface Tensor extends TensorHandle, TensorMethods {}

const own = markOf('a tensor');

/** Storage and metadata of a tensor; arithmetic is attached by the package's entry point. */
export class TensorHandle {
  /** @internal Dtype, shape and weakness, or the type of a stack inside loops. */
  readonly type: ValueType;
  #source: ValueStorage | Symbolic;

  constructor(type: ValueType, source: ValueStorage | Symbolic) {
    this.type = type;
    this.#source = source;
  }

  /** @internal Tells tensors of another copy of the package from those of this one. */
  get [mark](): object {
    return own;
  }

  /** @internal The elements, or the place of this value in a Program under construction. */
  get source(): ValueStorage | Symbolic {
    return this.#source;
  }

  /** Extents of each axis, outermost first. */
  get shape(): Shape {
    return typeOf(this).shape;
  }

  /** Element type. */
  get dtype(): DType {
    return typeOf(this).dtype;
  }

  /** Number of axes. */
  get ndim(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** The only element, as a number. Throws unless `size` is 1. */
  item(): number {
    if (this.size !== 1) {
      throw new ShapeError(
        `item: the tensor has ${this.size} elements (shape [${this.shape.join(', ')}]); item() needs exactly 1. Use toArray() or at().`,
      );
    }
    return storageOf(this, 'item').data[0] ?? Number.NaN;
  }

  /** A copy of the elements in row-major order. */
  dataSync(): Data {
    return copyOf(storageOf(this, 'dataSync').data);
  }

  /** A copy of the elements in row-major order, for backends that cannot answer at once. */
  async data(): Promise<Data> {
    return this.dataSync();
  }

  /** The elements as nested arrays of numbers (booleans for `bool`). */
  toArray(): Nested {
    const { data } = storageOf(this, 'toArray');
    const { shape, dtype } = typeOf(this);
    let next = 0;
    const build = (axis: number): Nested => {
      if (axis === shape.length) {
        const value = data[next++] ?? Number.NaN;
        return dtype === 'bool' ? value !== 0 : value;
      }
      return Array.from({ length: shape[axis] ?? 0 }, () => build(axis + 1));
    };
    return build(0);
  }

  /** A copy as an `ndarray`. */
  ndarray(): NdArray<Data> {
    return ndarrayOf(this.dataSync(), this.shape);
  }

  /**
   * Lends the elements to `view` without a copy, row-major. The array must not be kept or written
   * to, and nothing may be computed with tensors before `view` returns: memory that grows takes
   * the array away.
   *
   * @throws TypeError when that has happened.
   */
  read<T>(view: (data: Data) => T): T {
    const storage = storageOf(this, 'read');
    const home = storage instanceof Elements ? storage.home : undefined;
    home?.pin();
    try {
      const { data } = storage;
      const { length } = data;
      const result = view(data);
      if (data.length === length) return result;
    } finally {
      home?.unpin();
    }
    throw new TypeError(
      'read: memory had to grow and took away the array that was lent. Compute with tensors after read() has returned, or take a copy with dataSync().',
    );
  }

  /**
   * Frees the elements now. Nobody has to: the garbage collector frees them when the last
   * reference is gone. A later use of the tensor, other than its shape and dtype, is a
   * `ReferenceError`. A value inside a transform has nothing to free and stays as it is.
   */
  dispose(): void {
    this.vacate('was disposed. Call dispose() after the last use');
  }

  /** `using x = ...` frees the elements at the end of the block; see `dispose`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal Frees the elements; `why` ends the sentence "the tensor ..." in the error of a later use. */
  vacate(why: string): void {
    const source = this.#source;
    if (source instanceof Symbolic) return;
    if (source instanceof Elements) source.release();
    this.#source = new Gone(`the tensor (${describeType(this.type)}) ${why}.`);
  }

  /** A readable form: dtype, shape, and the elements to `digits` significant digits; long axes are cut. */
  toString({ digits = 8 }: { readonly digits?: number } = {}): string {
    const type = this.type;
    if (type.kind === 'stack' || this.source instanceof Symbolic) return formatTensor(type);
    return formatTensor(type, storageOf(this, 'toString').data, digits);
  }

  /** Node's `console.log` shows this. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** Refuses implicit conversion: `tensor + 1` would otherwise be NaN or a string. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === 'string') return this.toString();
    throw new TypeError(
      `A tensor (${formatTensor(this.type)}) was used where JavaScript needs a plain number or string (for instance in \`a + b\` or \`a < b\`). ` +
        'Use add(a, b), lt(a, b) and so on, or item() for the number of a one-element tensor.',
    );
  }
}

/** The dense type of a tensor; stacks have none. */
export function typeOf(tensor: TensorHandle): TensorType {
  const { type } = tensor;
  if (type.kind === 'tensor') return type;
  throw new ShapeError('A stack of loop residuals has no shape or dtype of its own.');
}

/** Elements of a tensor, evaluated when it belongs to a trace that allows it. */
function storageOf(tensor: TensorHandle, operation: string): DenseStorage {
  const { source } = tensor;
  const storage = source instanceof Symbolic ? source.concrete(operation) : source;
  if (storage.kind === 'dense') return storage;
  throw new ShapeError(`${operation}: a stack of loop residuals has no elements of its own.`);
}

/** Whether a value is a tensor of this library. */
export function isTensor(value: unknown): value is Tensor {
  return value instanceof TensorHandle;
}

/** Makes a handle; the methods come from the prototype that the entry point completes. */
export function makeTensor(type: ValueType, source: ValueStorage | Symbolic): Tensor {
  const handle = new TensorHandle(type, source);
  if (!isTensor(handle)) throw new TypeError('unreachable');
  return handle;
}

/** A concrete tensor that owns `data`, which nobody may write to afterwards. */
export function fromData(dtype: DType, shape: Shape, data: Data, weak = false): Tensor {
  return makeTensor(tensorType(dtype, shape, weak), new Elements(data));
}

/** Completes every tensor with the public operations as methods. */
export function installMethods(methods: TensorMethods): void {
  Object.assign(TensorHandle.prototype, methods);
}
