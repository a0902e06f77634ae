/**
 * Arithmetic of kernels with some 31 digits: a number is an unevaluated sum of two float64
 * expressions (Dekker, A floating-point technique for extending the available precision, 1971).
 */

import type { Expr } from '../kernel/expr.ts';
import * as maths from '../kernel/maths/functions.ts';
import { binary, constant, math, unary } from '../kernel/scalars.ts';
import type { Ring } from './jet.ts';

export type Pair = readonly [high: Expr, low: Expr];

export const num = (value: number): Expr => constant('float64', value);
export const add = (x: Expr, y: Expr): Expr => binary('add', x, y);
export const sub = (x: Expr, y: Expr): Expr => binary('sub', x, y);
export const mul = (x: Expr, y: Expr): Expr => binary('mul', x, y);
export const div = (x: Expr, y: Expr): Expr => binary('div', x, y);
export const neg = (x: Expr): Expr => unary('neg', x);

/** Expressions of float64 as coefficients. */
export const expressions: Ring<Expr> = {
  number: num,
  add,
  mul: (x, y) => (isNumber(x, 1) ? y : isNumber(y, 1) ? x : isNumber(y, -1) ? neg(x) : mul(x, y)),
  div: (x, y) => (isNumber(y, 1) ? x : div(x, y)),
};

function isNumber(x: Expr, value: number): boolean {
  return x.op === 'const' && x.value === value;
}

/** A sum of two floats and what its rounding loses. */
export function twoSum(a: Expr, b: Expr): Pair {
  const sum = add(a, b);
  const other = sub(sum, a);
  return [sum, add(sub(a, sub(sum, other)), sub(b, other))];
}

function split(a: Expr): Pair {
  const scaled = mul(num(134217729), a);
  const high = sub(scaled, sub(scaled, a));
  return [high, sub(a, high)];
}

/** A product of two floats and what its rounding loses. */
export function twoProduct(a: Expr, b: Expr): Pair {
  const product = mul(a, b);
  const [a1, a0] = split(a);
  const [b1, b0] = split(b);
  const large = sub(mul(a1, b1), product);
  return [product, add(add(add(large, mul(a1, b0)), mul(a0, b1)), mul(a0, b0))];
}

function normalized(high: Expr, low: Expr): Pair {
  const sum = add(high, low);
  return [sum, sub(low, sub(sum, high))];
}

export function pair(x: Expr): Pair {
  return [x, num(0)];
}

export function plus(a: Pair, b: Pair): Pair {
  const [high, error] = twoSum(a[0], b[0]);
  const [low, rest] = twoSum(a[1], b[1]);
  const [sum, left] = normalized(high, add(error, low));
  return normalized(sum, add(left, rest));
}

export function minus(a: Pair, b: Pair): Pair {
  return plus(a, [neg(b[0]), neg(b[1])]);
}

export function times(a: Pair, b: Pair): Pair {
  const [high, low] = twoProduct(a[0], b[0]);
  return normalized(high, add(low, add(mul(a[0], b[1]), mul(a[1], b[0]))));
}

function over(a: Pair, b: Pair): Pair {
  const first = div(a[0], b[0]);
  const rest = minus(a, times(b, pair(first)));
  return normalized(first, div(rest[0], b[0]));
}

/** A polynomial in x, from the constant coefficient on. */
export function polynomial(x: Expr, coefficients: readonly number[]): Expr {
  return coefficients.map(num).reduceRight((rest, c) => add(mul(rest, x), c));
}

const third: Pair = [num(1 / 3), num(1.850371707708594e-17)];
const fifth: Pair = [num(0.2), num(-1.1102230246251566e-17)];
const ln2: Pair = [num(Math.LN2), num(2.3190468138462996e-17)];

/**
 * log(x / y) of positive numbers to some 20 digits: that of a power of 2 near the quotient, and
 * 2 atanh(s) with s = (m - y) / (m + y) for the rest, of which the first terms are pairs.
 */
export function logRatio(x: Pair, y: Pair): Pair {
  const difference = sub(math(maths.log, x[0]), math(maths.log, y[0]));
  const k = unary('nearest', mul(difference, num(Math.LOG2E)));
  const half = unary('trunc', mul(k, num(0.5)));
  const [down, rest] = [half, sub(k, half)].map((by) => math(maths.pow, num(2), neg(by)));
  if (!down || !rest) throw new Error('unreachable');
  const m: Pair = [mul(mul(x[0], down), rest), mul(mul(x[1], down), rest)];
  const s = over(minus(m, y), plus(m, y));
  const square = times(s, s);
  const tail = mul(
    square[0],
    polynomial(
      square[0],
      Array.from({ length: 11 }, (_, i) => 1 / (2 * i + 7)),
    ),
  );
  const inner = plus(third, times(square, plus(fifth, pair(tail))));
  const atanh = plus(s, times(s, times(square, inner)));
  return plus(times(pair(k), ln2), [mul(atanh[0], num(2)), mul(atanh[1], num(2))]);
}

/** exp(-x). */
export function expOfMinus(x: Pair): Expr {
  const main = math(maths.exp, neg(x[0]));
  return sub(main, mul(main, x[1]));
}
