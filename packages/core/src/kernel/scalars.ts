import { toDtype } from '../tensor/dtype.ts';
import { type Affine, affineOf } from './affine.ts';
import type { BinaryFunction, Comparison, Expr, Scalar, UnaryFunction } from './expr.ts';
import type { FloatFunction } from './maths/functions.ts';

/** A number, rounded to the type. */
export function constant(type: Scalar, value: number): Expr {
  return { op: 'const', type, value: toDtype(type, value) };
}

/** A function of one operand, of its type. */
export function unary(fn: UnaryFunction, x: Expr): Expr {
  return { op: 'unary', type: x.type, fn, x };
}

/** A function of two operands of one type. */
export function binary(fn: BinaryFunction, x: Expr, y: Expr): Expr {
  return { op: 'binary', type: x.type, fn, x, y };
}

/** A comparison of two operands of one type, as bool. */
export function compare(fn: Comparison, x: Expr, y: Expr): Expr {
  return { op: 'compare', type: 'bool', fn, x, y };
}

/** x where the condition holds, and y elsewhere; both are evaluated and have one type. */
export function select(condition: Expr, x: Expr, y: Expr): Expr {
  return { op: 'select', type: x.type, condition, x, y };
}

/** The operand converted to another type. */
export function cast(type: Scalar, x: Expr): Expr {
  if (x.type === type) return x;
  if (x.op === 'const') return constant(type, x.type === 'bool' ? Number(x.value !== 0) : x.value);
  return { op: 'cast', type, x };
}

/** A function of floats, of operands of one float type. */
export function math(fn: FloatFunction, ...args: readonly [Expr, ...Expr[]]): Expr {
  const { type } = args[0];
  return { op: 'math', type, fn: fn.name, by: type === 'float32' ? fn.float32 : fn.float64, args };
}

/** The bits of a float32 as int32, or the other way. */
export function sameBits(type: 'float32' | 'int32', x: Expr): Expr {
  return { op: 'bits', type, args: [x], word: 0 };
}

/** The low (0) or the high word (1) of a float64. */
export function wordOf(x: Expr, word: 0 | 1): Expr {
  return { op: 'bits', type: 'int32', args: [x], word };
}

/** The float64 of two words. */
export function fromWords(low: Expr, high: Expr): Expr {
  return { op: 'bits', type: 'float64', args: [low, high], word: 0 };
}

/** An offset as an int32 value. */
export function indexValue(index: Affine): Expr {
  if (index.terms.length === 0) return constant('int32', index.base);
  const [only] = index.terms;
  if (index.base === 0 && index.terms.length === 1 && only?.coefficient === 1) return only.factor;
  return { op: 'index', type: 'int32', index };
}

/**
 * Whether a condition holds. Where it does not, the call fails with the site and a detail, a number
 * >= 0. What is not read is not checked.
 */
export function required(condition: Expr, site: number, detail: Expr): Expr {
  const zero = constant('int32', 0);
  // An extent of 1 would say that the value is always 0.
  const extent = 2;
  const x = select(condition, zero, binary('add', detail, constant('int32', extent)));
  const checked: Expr = { op: 'check', type: 'int32', x, extent, site };
  return compare('eq', checked, zero);
}

/** A value where a condition holds, and NaN elsewhere. */
export function onlyWhere(condition: Expr, value: Expr): Expr {
  return select(condition, value, constant(value.type, Number.NaN));
}

/** An int32 value as a position on an axis of `extent`, checked when the call runs. */
export function checkedIndex(x: Expr, extent: number, site: number): Affine {
  return affineOf({ op: 'check', type: 'int32', x, extent, site });
}
