import type { Affine } from '../../src/kernel/affine.ts';
import type { Buffer, Expr, Local, Loop, Scalar } from '../../src/kernel/expr.ts';
import { type Data, toDtype } from '../../src/tensor/dtype.ts';

/** What an expression is evaluated in. */
export interface Environment {
  readonly buffers: ReadonlyMap<Buffer, Data>;
  readonly loops: ReadonlyMap<Loop, number>;
  readonly locals?: ReadonlyMap<Local, number>;
}

/** The value of an expression: the meaning of the kernel IR, one number at a time. */
export function evaluate(expr: Expr, env: Environment): number {
  const known = new Map<Expr, number>();
  const value = (e: Expr): number => {
    const old = known.get(e);
    if (old !== undefined) return old;
    const result = toDtype(e.type, compute(e));
    known.set(e, result);
    return result;
  };
  const position = ({ base, terms }: Affine): number =>
    terms.reduce((sum, { coefficient, factor }) => sum + coefficient * value(factor), base);
  const compute = (e: Expr): number => {
    switch (e.op) {
      case 'const':
        return e.value;
      case 'loop':
        return present(env.loops.get(e.loop));
      case 'index':
        return position(e.index);
      case 'local':
        return present(env.locals?.get(e.local));
      case 'load':
        return present(env.buffers.get(e.buffer)?.[position(e.index)]);
      case 'unary':
        return unary(e.fn, value(e.x), e.type);
      case 'binary':
        return binary(e.fn, value(e.x), value(e.y), e.type);
      case 'compare':
        return Number(compare(e.fn, value(e.x), value(e.y)));
      case 'select':
        return value(e.condition) !== 0 ? value(e.x) : value(e.y);
      case 'cast':
        return convert(value(e.x), e.type);
      case 'check': {
        const x = value(e.x);
        if (x >= 0 && x < e.extent) return x;
        throw new RangeError(`${x} is not below ${e.extent}.`);
      }
      case 'bits':
      case 'math':
        throw new Error('Elementary functions are tested elsewhere.');
    }
  };
  return value(expr);
}

function present(value: number | undefined): number {
  if (value === undefined) throw new Error('out of range');
  return value;
}

type Fn<Op extends Expr['op']> = Extract<Expr, { op: Op; fn: string }>['fn'];

function unary(fn: Fn<'unary'>, x: number, type: Scalar): number {
  switch (fn) {
    case 'neg':
      return -x;
    case 'not':
      return type === 'bool' ? 1 - x : ~x;
    case 'nearest':
      return nearest(x);
    default:
      return Math[fn](x);
  }
}

function nearest(x: number): number {
  if (!Number.isFinite(x) || Math.abs(x) >= 2 ** 52) return x;
  const below = Math.floor(x);
  const up = x - below > 0.5 || (x - below === 0.5 && below % 2 !== 0);
  return copysign(up ? below + 1 : below, x);
}

function copysign(x: number, sign: number): number {
  const negative = sign < 0 || Object.is(sign, -0);
  return negative ? -Math.abs(x) : Math.abs(x);
}

function binary(fn: Fn<'binary'>, x: number, y: number, type: Scalar): number {
  switch (fn) {
    case 'add':
      return x + y;
    case 'sub':
      return x - y;
    case 'mul':
      return type === 'int32' ? Math.imul(x, y) : x * y;
    case 'div':
      return type === 'int32' ? (y === 0 ? 0 : Math.trunc(x / y)) : x / y;
    case 'rem':
      return y === 0 ? 0 : x % y;
    case 'min':
      return Math.min(x, y);
    case 'max':
      return Math.max(x, y);
    case 'and':
      return x & y;
    case 'or':
      return x | y;
    case 'xor':
      return x ^ y;
    case 'shl':
      return x << y;
    case 'shr_s':
      return x >> y;
    case 'shr_u':
      return x >>> y;
    case 'copysign':
      return copysign(x, y);
  }
}

function compare(fn: Fn<'compare'>, x: number, y: number): boolean {
  switch (fn) {
    case 'eq':
      return x === y;
    case 'ne':
      return x !== y;
    case 'lt':
      return x < y;
    case 'le':
      return x <= y;
    case 'gt':
      return x > y;
    case 'ge':
      return x >= y;
  }
}

function convert(x: number, type: Scalar): number {
  if (type !== 'int32') return x;
  if (Number.isNaN(x)) return 0;
  return Math.min(2 ** 31 - 1, Math.max(-(2 ** 31), Math.trunc(x)));
}
