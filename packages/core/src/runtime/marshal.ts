import { stackDescriptorBytes } from '../kernel/statement.ts';
import { copyOf, itemSize, viewOf } from '../tensor/dtype.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { ValueStorage } from '../tensor/storage.ts';
import type { ValueType } from '../tensor/type.ts';

/**
 * Values in linear memory. A tensor is its elements. A stack is a descriptor of 32 integers: its
 * length, the number c of elements in the first chunk (a power of two), and the addresses of up
 * to 30 chunks, of which number k holds c 2^k elements; an element of a stack of stacks is the
 * descriptor of the inner one.
 */
export function elementBytes(type: ValueType): number {
  return type.kind === 'stack' ? stackDescriptorBytes : sizeOf(type.shape) * itemSize(type.dtype);
}

function align(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}

/** Capacity of one chunk that holds all elements of a stack. */
function capacity(length: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, length)));
}

/** Bytes that a value takes, with everything that it points to. */
export function totalBytes(type: ValueType, value: ValueStorage): number {
  if (type.kind === 'tensor' || value.kind === 'dense') return align(elementBytes(type));
  const { element } = type;
  let bytes = stackDescriptorBytes + align(elementBytes(element) * value.elements.length);
  if (element.kind === 'stack') {
    for (const inner of value.elements) bytes += totalBytes(element, inner) - stackDescriptorBytes;
  }
  return bytes;
}

/** Writes a value at `address`, which has room for `totalBytes`; what it points to follows it. */
export function writeValue(
  buffer: ArrayBuffer,
  address: number,
  type: ValueType,
  value: ValueStorage,
): void {
  writeAt(buffer, address, type, value, address + align(elementBytes(type)));
}

/** Writes a value whose parts go to `free`, and returns the address after them. */
function writeAt(
  buffer: ArrayBuffer,
  address: number,
  type: ValueType,
  value: ValueStorage,
  free: number,
): number {
  if (type.kind === 'tensor' && value.kind === 'dense') {
    viewOf(type.dtype, buffer, address, value.data.length).set(value.data);
    return free;
  }
  if (type.kind === 'tensor' || value.kind === 'dense') {
    throw new TypeError('A tensor was given where a stack is expected, or the other way round.');
  }
  const { elements } = value;
  const bytes = elementBytes(type.element);
  const descriptor = new Int32Array(buffer, address, stackDescriptorBytes / 4).fill(0);
  descriptor.set([elements.length, capacity(elements.length), free]);
  let next = free + align(bytes * elements.length);
  elements.forEach((element, i) => {
    next = writeAt(buffer, free + i * bytes, type.element, element, next);
  });
  return next;
}

/** Copies a value out of memory. */
export function readValue(buffer: ArrayBuffer, address: number, type: ValueType): ValueStorage {
  if (type.kind === 'tensor') {
    return { kind: 'dense', data: copyOf(viewOf(type.dtype, buffer, address, sizeOf(type.shape))) };
  }
  const descriptor = new Int32Array(buffer, address, stackDescriptorBytes / 4);
  const [length = 0, first = 1] = descriptor;
  const bytes = elementBytes(type.element);
  const elements = Array.from({ length }, (_, i) => {
    const chunk = 31 - Math.clz32(Math.floor(i / first) + 1);
    const within = i - first * (2 ** chunk - 1);
    return readValue(buffer, (descriptor[2 + chunk] ?? 0) + within * bytes, type.element);
  });
  return { kind: 'stack', elements };
}
