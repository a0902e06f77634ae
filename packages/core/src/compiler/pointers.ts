import {
  type Affine,
  affineAdd,
  affineConst,
  affineScale,
  affineZero,
  sameAffine,
} from '../kernel/affine.ts';
import type { Buffer, Expr } from '../kernel/expr.ts';
import { type Pointer, stackDescriptorBytes } from '../kernel/statement.ts';
import { itemSize } from '../tensor/dtype.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { ValueType } from '../tensor/type.ts';

/** A stack is held as its descriptor. */
export const stackLayout: Layout = { dtype: 'int32', size: stackDescriptorBytes / 4 };

interface Layout {
  readonly dtype: Buffer['dtype'];
  readonly size: number;
}

/** Elements and dtype of the buffer that holds a value. */
export function layoutOf(type: ValueType): Layout {
  if (type.kind === 'stack') return stackLayout;
  return { dtype: type.dtype, size: sizeOf(type.shape) };
}

/** Bytes of a value as an element of a stack, or in a buffer of its own. */
export function bytesOf(type: ValueType): number {
  const { dtype, size } = layoutOf(type);
  return size * itemSize(dtype);
}

export function pointerTo(buffer: Buffer, offset: Affine = affineZero): Pointer {
  return { kind: 'buffer', buffer, offset };
}

/** Element `at` of an array of equal values of `size` elements each. */
export function elementOf(array: Pointer & { kind: 'buffer' }, at: Affine, size: number): Pointer {
  return pointerTo(array.buffer, affineAdd(array.offset, affineScale(at, size)));
}

/** Element of a stack. */
export function slotOf(stack: Pointer, index: Expr, element: ValueType, grow: boolean): Pointer {
  return { kind: 'slot', stack, index, bytes: bytesOf(element), grow };
}

export function samePointer(a: Pointer, b: Pointer): boolean {
  if (a === b) return true;
  return (
    a.kind === 'buffer' &&
    b.kind === 'buffer' &&
    a.buffer === b.buffer &&
    sameAffine(a.offset, b.offset)
  );
}

/** `length - 1 - at` */
export function fromTheEnd(length: Affine, at: Affine): Affine {
  return affineAdd(affineAdd(length, affineConst(-1)), affineScale(at, -1));
}
