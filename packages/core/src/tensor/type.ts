import type { DType } from './dtype.ts';
import { checkCount, formatShape, type Shape, sameShape } from './shape.ts';

/** Type of a dense tensor. A weak type (of a plain number) gives way to the other operand's dtype. */
export interface TensorType {
  readonly kind: 'tensor';
  readonly dtype: DType;
  readonly shape: Shape;
  readonly weak: boolean;
}

/**
 * Type of a growable sequence of equal elements: what a loop of unknown length saves for its
 * adjoint. Elements may be stacks themselves, one for each step of an outer loop.
 */
export interface StackType {
  readonly kind: 'stack';
  readonly element: ValueType;
}

/** Type of any value in a Program. */
export type ValueType = TensorType | StackType;

export function tensorType(dtype: DType, shape: Shape, weak = false): TensorType {
  return { kind: 'tensor', dtype, shape, weak };
}

export function stackType(element: ValueType): StackType {
  return { kind: 'stack', element };
}

/** Equal dtype and shape; weakness is a matter of promotion and is ignored. */
export function sameType(a: ValueType, b: ValueType): boolean {
  if (a.kind === 'stack') return b.kind === 'stack' && sameType(a.element, b.element);
  return b.kind === 'tensor' && a.dtype === b.dtype && sameShape(a.shape, b.shape);
}

/** Refuses more elements than there are positions. */
export function checkType(operation: string, type: ValueType): void {
  if (type.kind === 'tensor') checkCount(operation, type.shape);
  else checkType(operation, type.element);
}

const shortNames: { readonly [D in DType]: string } = {
  float64: 'f64',
  float32: 'f32',
  int32: 'i32',
  bool: 'bool',
};

/** `f64[2,3]`, `f32[]`, `stack<f64[3]>`; a weak type ends in `~`. */
export function formatType(type: ValueType): string {
  if (type.kind === 'stack') return `stack<${formatType(type.element)}>`;
  const { dtype, shape, weak } = type;
  let extents = '';
  for (let i = 0; i < shape.length; i++) extents += i === 0 ? `${shape[i]}` : `,${shape[i]}`;
  return `${shortNames[dtype]}[${extents}]${weak ? '~' : ''}`;
}

/** `float64 of shape [2, 3]`, for messages. */
export function describeType(type: ValueType): string {
  if (type.kind === 'stack') return `a stack of ${describeType(type.element)}`;
  return `${type.dtype} of shape ${formatShape(type.shape)}`;
}
