/**
 * Rules of derivatives give 0 where a tangent is 0, whatever it is multiplied with (`tangentMul`):
 * t ≠ 0 ? c t : 0. Written like that at each product, most of the work of a tangent is comparing and
 * choosing. What is *masked by* t, that is +0 wherever t is 0, may be masked later, and with other
 * values at once:
 *
 *     [t ≠ 0] x + [t ≠ 0] y  =  [t ≠ 0] (x + y)            0 + 0 is 0
 *     [t ≠ 0] x + t          =  [t ≠ 0] (x + t)            0 + (-0) is 0
 *     [u ≠ 0] c u            =  [t ≠ 0] [v ≠ 0] c v        for u = [t ≠ 0] v
 *
 * These hold to the last bit, for infinities, NaN and signed zeros as well.
 */

import type { Expr } from '../kernel/expr.ts';
import { binary, compare, constant, select } from '../kernel/scalars.ts';

/** A value that is +0 where `by` is 0. */
interface Masked {
  readonly by: Expr;
  readonly value: Expr;
}

function maskedIn(expr: Expr): Masked | undefined {
  if (expr.op !== 'select' || !isZero(expr.y)) return undefined;
  const { condition, x } = expr;
  if (condition.op !== 'compare' || condition.fn !== 'ne') return undefined;
  return isFloat(condition.x) && isZero(condition.y) ? { by: condition.x, value: x } : undefined;
}

/** Whether it is 0, and not -0. */
function isZero(expr: Expr): boolean {
  return isFloat(expr) && expr.op === 'const' && Object.is(expr.value, 0);
}

function isFloat({ type }: Expr): boolean {
  return type === 'float64' || type === 'float32';
}

function masked(by: Expr, value: Expr): Expr {
  return select(compare('ne', by, constant(by.type, 0)), value, constant(value.type, 0));
}

/** x + y or x - y with one mask for both. */
export function sumUnderMask(fn: 'add' | 'sub', x: Expr, y: Expr): Expr | undefined {
  const [left, right] = [masksOf(x), masksOf(y)];
  for (const one of left) {
    for (const other of right) {
      if (one.by === other.by) return masked(one.by, binary(fn, one.value, other.value));
    }
    if (one.by === y) return masked(y, binary(fn, one.value, y));
  }
  const other = fn === 'add' ? right.find(({ by }) => by === x) : undefined;
  return other && masked(x, binary(fn, x, other.value));
}

/** The masks of a value: that outside, and that of a factor which may as well be outside. */
function masksOf(expr: Expr): readonly Masked[] {
  const product = maskedIn(expr);
  if (!product) return [];
  const inner = maskedIn(product.by);
  const value = inner && withFactor(product.value, product.by, inner.value);
  return value ? [product, { by: inner.by, value: masked(inner.value, value) }] : [product];
}

/** A product, masked or not, with another value for one of its factors. */
function withFactor(expr: Expr, from: Expr, to: Expr): Expr | undefined {
  const changed = (factor: Expr): Expr => (factor === from ? to : factor);
  if (expr.op === 'binary' && expr.fn === 'mul' && (expr.x === from || expr.y === from)) {
    return binary('mul', changed(expr.x), changed(expr.y));
  }
  const inner = maskedIn(expr);
  const value = inner && withFactor(inner.value, from, to);
  return value && masked(changed(inner.by), value);
}
