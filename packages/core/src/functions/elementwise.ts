import * as arithmetic from '../primitives/arithmetic.ts';
import * as comparison from '../primitives/compare.ts';
import * as elementary from '../primitives/elementary.ts';
import * as remainder from '../primitives/mod.ts';
import * as rounding from '../primitives/rounding.ts';
import { select } from '../primitives/select.ts';
import { isFloat } from '../tensor/dtype.ts';
import type { TensorLike } from '../tensor/methods.ts';
import { broadcastShapes, DTypeError } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { describeType } from '../tensor/type.ts';
import { performOne } from '../trace/trace.ts';
import { promote, stretch, toFloat, toOperand } from './promote.ts';
import { asTensor } from './tensor.ts';

type BinaryRule = (x: Tensor, y: Tensor) => Tensor;

/** `each` is what the rule needs its operands to become after they were aligned. */
function pair(
  name: string,
  rule: BinaryRule,
  x: TensorLike,
  y: TensorLike,
  each: (x: Tensor) => Tensor = (x) => x,
): Tensor {
  return performOne(rule, promote(name, [x, y]), aligned, (a, b) => {
    const shape = broadcastShapes(name, a.shape, b.shape);
    return rule(each(stretch(a, shape)), each(stretch(b, shape)));
  });
}

/** Tells a rule whose operands are broadcast from the bare primitive. */
const aligned = { aligned: true };

/** Bool operands of arithmetic count as int32. */
function counted(x: TensorLike, name: string, what?: string): number | Tensor {
  if (typeof x === 'number') return x;
  const made = asTensor(x, name, what);
  return made.dtype === 'bool' ? toOperand(made, 'int32') : made;
}

function arithmeticPair(name: string, rule: BinaryRule, x: TensorLike, y: TensorLike): Tensor {
  return pair(name, rule, counted(x, name, 'operand 0'), counted(y, name, 'operand 1'));
}

/** x + y, broadcast. */
export function add(x: TensorLike, y: TensorLike): Tensor {
  return arithmeticPair('add', arithmetic.add, x, y);
}

/** x - y, broadcast. */
export function sub(x: TensorLike, y: TensorLike): Tensor {
  return arithmeticPair('sub', arithmetic.sub, x, y);
}

/** x y element by element, broadcast. */
export function mul(x: TensorLike, y: TensorLike): Tensor {
  return arithmeticPair('mul', arithmetic.mul, x, y);
}

/** x / y, broadcast; integers give float64. */
export function div(x: TensorLike, y: TensorLike): Tensor {
  return pair(
    'div',
    arithmetic.div,
    counted(x, 'div', 'operand 0'),
    counted(y, 'div', 'operand 1'),
    toFloat,
  );
}

/**
 * x to the power y, broadcast. A whole number as y is computed by repeated multiplication, and
 * then x may be negative or an integer.
 */
export function pow(x: TensorLike, y: TensorLike): Tensor {
  if (typeof y === 'number' && Number.isInteger(y) && Math.abs(y) <= 64) {
    const base = counted(x, 'pow');
    const made = asTensor(base);
    return arithmetic.integerPower(y < 0 ? toFloat(made) : made, y);
  }
  return pair(
    'pow',
    elementary.pow,
    counted(x, 'pow', 'operand 0'),
    counted(y, 'pow', 'operand 1'),
    toFloat,
  );
}

/** -x. */
export function neg(x: TensorLike): Tensor {
  return arithmetic.neg(asTensor(counted(x, 'neg')));
}

/** |x|. */
export function abs(x: TensorLike): Tensor {
  return elementary.abs(asTensor(counted(x, 'abs')));
}

/** -1, 0 or 1; the derivative is 0. */
export function sign(x: TensorLike): Tensor {
  return elementary.sign(asTensor(counted(x, 'sign')));
}

/** x^2. */
export function square(x: TensorLike): Tensor {
  return pow(asTensor(x, 'square'), 2);
}

/** The larger of two, broadcast; NaN when one is; equal operands share the derivative. */
export function maximum(x: TensorLike, y: TensorLike): Tensor {
  return arithmeticPair('maximum', elementary.maximum, x, y);
}

/** The smaller of two, broadcast; NaN when one is; equal operands share the derivative. */
export function minimum(x: TensorLike, y: TensorLike): Tensor {
  return arithmeticPair('minimum', elementary.minimum, x, y);
}

/** x held between two bounds, broadcast; null leaves that side open. NaN when one of them is. */
export function clip(
  x: TensorLike,
  lo: TensorLike | null = null,
  hi: TensorLike | null = null,
): Tensor {
  const made = counted(x, 'clip', 'operand 0');
  const above = lo === null ? asTensor(made) : maximum(made, counted(lo, 'clip', 'operand 1'));
  return hi === null ? above : minimum(above, counted(hi, 'clip', 'operand 2'));
}

/** max(x, 0); the derivative at 0 is 0. */
export function relu(x: TensorLike): Tensor {
  return performOne(relu, [asTensor(counted(x, 'relu'))], {}, (made) =>
    where(gt(made, 0), made, 0),
  );
}

/** Square root. */
export function sqrt(x: TensorLike): Tensor {
  return elementary.sqrt(toFloat(x, 'sqrt'));
}
/** e^x. */
export function exp(x: TensorLike): Tensor {
  return elementary.exp(toFloat(x, 'exp'));
}
/** e^x - 1, accurate near 0. */
export function expm1(x: TensorLike): Tensor {
  return elementary.expm1(toFloat(x, 'expm1'));
}
/** Natural logarithm. */
export function log(x: TensorLike): Tensor {
  return elementary.log(toFloat(x, 'log'));
}
/** log(1 + x), accurate near 0. */
export function log1p(x: TensorLike): Tensor {
  return elementary.log1p(toFloat(x, 'log1p'));
}
/** Sine of radians. */
export function sin(x: TensorLike): Tensor {
  return elementary.sin(toFloat(x, 'sin'));
}
/** Cosine of radians. */
export function cos(x: TensorLike): Tensor {
  return elementary.cos(toFloat(x, 'cos'));
}
/** Tangent of radians. */
export function tan(x: TensorLike): Tensor {
  return elementary.tan(toFloat(x, 'tan'));
}
/** Hyperbolic tangent. */
export function tanh(x: TensorLike): Tensor {
  return elementary.tanh(toFloat(x, 'tanh'));
}
/** Logistic function 1 / (1 + e^-x). */
export function sigmoid(x: TensorLike): Tensor {
  return elementary.sigmoid(toFloat(x, 'sigmoid'));
}
/** Largest whole number not above x; the derivative is 0. */
export function floor(x: TensorLike): Tensor {
  const made = asTensor(x, 'floor');
  return isFloat(made.dtype) ? elementary.floor(made) : made;
}
/** Smallest whole number not below x; the derivative is 0. */
export function ceil(x: TensorLike): Tensor {
  const made = asTensor(x, 'ceil');
  return isFloat(made.dtype) ? rounding.ceil(made) : made;
}
/** The nearest whole number, and the even one of two; the derivative is 0. */
export function round(x: TensorLike): Tensor {
  const made = asTensor(x, 'round');
  return isFloat(made.dtype) ? rounding.round(made) : made;
}

/**
 * The remainder x - floor(x / y) y, broadcast and exact: it has the sign of the divisor, as in
 * Python and NumPy (JavaScript's % has that of x). NaN where y is 0. The derivative in x is 1, in y
 * -floor(x / y).
 *
 * @throws RangeError when an int32 divisor is 0.
 */
export function mod(x: TensorLike, y: TensorLike): Tensor {
  return arithmeticPair('mod', remainder.mod, x, y);
}

/** x = y, broadcast. */
export function eq(x: TensorLike, y: TensorLike): Tensor {
  return pair('eq', comparison.eq, x, y);
}
/** x differs from y, broadcast. */
export function ne(x: TensorLike, y: TensorLike): Tensor {
  return pair('ne', comparison.ne, x, y);
}
/** x < y, broadcast. */
export function lt(x: TensorLike, y: TensorLike): Tensor {
  return arithmeticPair('lt', comparison.lt, x, y);
}
/** x <= y, broadcast. */
export function le(x: TensorLike, y: TensorLike): Tensor {
  return arithmeticPair('le', comparison.le, x, y);
}
/** x > y, broadcast. */
export function gt(x: TensorLike, y: TensorLike): Tensor {
  return arithmeticPair('gt', comparison.gt, x, y);
}
/** x >= y, broadcast. */
export function ge(x: TensorLike, y: TensorLike): Tensor {
  return arithmeticPair('ge', comparison.ge, x, y);
}
function logicalPair(name: string, rule: BinaryRule, x: TensorLike, y: TensorLike): Tensor {
  const float = promote(name, [x, y]).find(({ dtype }) => isFloat(dtype));
  if (float) {
    throw new DTypeError(
      `${name}: works on bool and int32; got ${describeType(float.type)}. Compare first: x.ne(0).`,
    );
  }
  return pair(name, rule, x, y);
}

/** Both masks; bitwise on int32. */
export function logicalAnd(x: TensorLike, y: TensorLike): Tensor {
  return logicalPair('logicalAnd', comparison.and, x, y);
}
/** Either mask; bitwise on int32. */
export function logicalOr(x: TensorLike, y: TensorLike): Tensor {
  return logicalPair('logicalOr', comparison.or, x, y);
}
/** The opposite of a mask. */
export function logicalNot(x: TensorLike): Tensor {
  const mask = asTensor(x, 'logicalNot');
  if (mask.dtype === 'bool') return comparison.not(mask);
  throw new DTypeError(
    `logicalNot: works on bool; got ${describeType(mask.type)}. Compare it first: x.ne(0).`,
  );
}
/** Whether an element is NaN. */
export function isnan(x: TensorLike): Tensor {
  const made = asTensor(x, 'isnan');
  return ne(made, made);
}
/** Whether an element is infinite. */
export function isinf(x: TensorLike): Tensor {
  return eq(abs(asTensor(x, 'isinf')), Number.POSITIVE_INFINITY);
}
/** Whether an element is neither infinite nor NaN. */
export function isfinite(x: TensorLike): Tensor {
  return lt(abs(asTensor(x, 'isfinite')), Number.POSITIVE_INFINITY);
}

/** x where the bool condition holds, y elsewhere; all broadcast. */
export function where(condition: TensorLike, x: TensorLike, y: TensorLike): Tensor {
  const mask = asTensor(condition, 'where', 'the condition');
  if (mask.dtype !== 'bool') {
    throw new DTypeError(
      `where: the condition is ${describeType(mask.type)}; it must be bool. Compare it first: x.ne(0).`,
    );
  }
  const choices = promote('where', [x, y]);
  return performOne(select, [mask, ...choices], aligned, (c, a, b) => {
    const shape = broadcastShapes('where', c.shape, a.shape, b.shape);
    return select(stretch(c, shape), stretch(a, shape), stretch(b, shape));
  });
}
