import { bitcast as bitcastPrimitive } from '../primitives/bitcast.ts';
import * as primitives from '../primitives/bitwise.ts';
import { and, or } from '../primitives/compare.ts';
import { checkDType } from '../tensor/check.ts';
import type { DType } from '../tensor/dtype.ts';
import type { TensorLike } from '../tensor/methods.ts';
import { DTypeError } from '../tensor/shape.ts';
import type { Nested, Tensor } from '../tensor/tensor.ts';
import { describeType } from '../tensor/type.ts';
import { align } from './promote.ts';
import { convert } from './tensor.ts';

type Rule = (x: Tensor, y: Tensor) => Tensor;

/** An int32 or bool operand; whole numbers of up to 32 bits count as int32. */
function integer(name: string, x: TensorLike): Tensor {
  const made = convert(name, 'an operand', x);
  if (made.dtype === 'int32' || made.dtype === 'bool') return made;
  if (isNested(x)) return convert(name, 'an operand', signed(x), 'int32');
  throw new DTypeError(
    `${name}: works on the bits of int32; got ${describeType(made.type)}. Convert it with astype('int32').`,
  );
}

function isNested(x: TensorLike | Nested): x is Nested {
  return typeof x === 'number' || typeof x === 'boolean' || Array.isArray(x);
}

/** Patterns such as 0xffffffff as the int32 of the same bits. */
function signed(x: Nested): Nested {
  if (typeof x === 'number') return x >= 2 ** 31 && x < 2 ** 32 ? x - 2 ** 32 : x;
  return typeof x === 'boolean' ? x : x.map(signed);
}

function pair(name: string, rule: Rule, x: TensorLike, y: TensorLike): Tensor {
  const [a, b] = align(name, [integer(name, x), integer(name, y)]);
  if (!a || !b) throw new Error('unreachable');
  return rule(a, b);
}

function shift(name: string, rule: Rule, x: TensorLike, count: TensorLike): Tensor {
  return pair(name, rule, asInt(integer(name, x)), asInt(integer(name, count)));
}

function asInt(x: Tensor): Tensor {
  return x.dtype === 'bool' ? x.astype('int32') : x;
}

/** Bits that both have, broadcast; masks give a mask. */
export function bitwiseAnd(x: TensorLike, y: TensorLike): Tensor {
  return pair('bitwiseAnd', and, x, y);
}

/** Bits that either has, broadcast; masks give a mask. */
export function bitwiseOr(x: TensorLike, y: TensorLike): Tensor {
  return pair('bitwiseOr', or, x, y);
}

/** Bits in which two differ, broadcast; masks give a mask. */
export function bitwiseXor(x: TensorLike, y: TensorLike): Tensor {
  return pair('bitwiseXor', primitives.xor, x, y);
}

/** The opposite of each bit of an int32. */
export function bitwiseNot(x: TensorLike): Tensor {
  return pair('bitwiseNot', primitives.xor, asInt(integer('bitwiseNot', x)), -1);
}

/** The bits of x moved up by a count, broadcast, with zeros below; 0 for a count outside [0, 32). */
export function leftShift(x: TensorLike, count: TensorLike): Tensor {
  return shift('leftShift', primitives.shiftLeft, x, count);
}

/**
 * The bits of x moved down by a count, broadcast, with copies of the sign above: x / 2^count,
 * rounded down. A count outside [0, 32) leaves 0, or -1 of a negative number.
 */
export function rightShift(x: TensorLike, count: TensorLike): Tensor {
  return shift('rightShift', primitives.shiftRight, x, count);
}

/** The bits of x moved down by a count, broadcast, with zeros above; 0 for a count outside [0, 32). */
export function rightShiftLogical(x: TensorLike, count: TensorLike): Tensor {
  return shift('rightShiftLogical', primitives.shiftRightLogical, x, count);
}

/**
 * The same bits as another dtype: float32 as int32 and back, element by element; float64 as two int32
 * words on a new last axis, the low one first, and back. To convert numbers, use `astype`.
 *
 * @throws DTypeError for other pairs of dtypes.
 * @throws ShapeError when words of float64 are not on a last axis of extent 2.
 */
export function bitcast(x: TensorLike, dtype: DType): Tensor {
  const made = convert('bitcast', 'x', x);
  checkDType('bitcast', dtype);
  return made.dtype === dtype ? made : bitcastPrimitive(made, { dtype });
}
