import { lawsOf } from '../../src/backends/reference/laws.ts';
import type { Expr, MathFunction, Scalar } from '../../src/kernel/expr.ts';
import type { Combine } from '../../src/kernel/statement.ts';
import * as primitives from '../../src/primitives/index.ts';
import { tensorType } from '../../src/tensor/type.ts';

const functions = new Map(Object.values(primitives).map((p) => [p.name, lawsOf(p).reference]));

/** The function of a primitive of the same name, by its plain evaluation. */
export function math(fn: MathFunction, type: Scalar, args: readonly number[]): number {
  const scalar = tensorType(type, []);
  const operands = args.map((x) => ({ type: scalar, data: Float64Array.of(x) }));
  return functions.get(fn)?.(operands, scalar, {})[0] ?? Number.NaN;
}

export function unary(fn: Extract<Expr, { op: 'unary' }>['fn'], type: string, x: number): number {
  switch (fn) {
    case 'neg':
      return -x;
    case 'not':
      return type === 'bool' ? 1 - x : ~x;
    case 'nearest': {
      const floor = Math.floor(x);
      const rest = x - floor;
      return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
    }
    default:
      return Math[fn](x);
  }
}

export function binary(
  fn: Extract<Expr, { op: 'binary' }>['fn'],
  type: string,
  x: number,
  y: number,
): number {
  switch (fn) {
    case 'sub':
      return x - y;
    case 'div':
      return type === 'int32' ? Math.trunc(x / y) : x / y;
    case 'rem':
      return x % y;
    case 'xor':
      return x ^ y;
    case 'shl':
      return x << y;
    case 'shr_s':
      return x >> y;
    case 'shr_u':
      return x >>> y;
    case 'copysign':
      return Object.is(Math.sign(y), -0) || y < 0 ? -Math.abs(x) : Math.abs(x);
    case 'mul':
      return type === 'int32' ? Math.imul(x, y) : x * y;
    default:
      return combine(fn, x, y);
  }
}

export function combine(how: Combine, x: number, y: number): number {
  switch (how) {
    case 'add':
      return x + y;
    case 'mul':
      return x * y;
    case 'min':
      return Math.min(x, y);
    case 'max':
      return Math.max(x, y);
    case 'and':
      return x & y;
    case 'or':
      return x | y;
  }
}
