import type { Primitive, ReferenceArray } from '../../primitives/define.ts';
import * as p from '../../primitives/index.ts';

/**
 * Whether an element of the result is the exact sum, difference, product, quotient or root of the
 * operands' elements. IEEE 754 rounds these correctly, so every right implementation gives it.
 */
export function isUnrounded(
  primitive: Primitive,
  operands: readonly ReferenceArray[],
  i: number,
  result: number,
): boolean {
  const a = operands[0]?.data[i] ?? Number.NaN;
  const b = operands[1]?.data[i] ?? Number.NaN;
  if (primitive === p.add) return isSum(a, b, result);
  if (primitive === p.sub) return isSum(a, -b, result);
  if (primitive === p.mul) return isProduct(a, b, result);
  if (primitive === p.div) return isProduct(result, b, a);
  return primitive === p.sqrt && isProduct(result, result, a);
}

/** By the error of the sum (Knuth). */
function isSum(a: number, b: number, sum: number): boolean {
  const rounded = a + b;
  const part = rounded - a;
  return rounded === sum && a - (rounded - part) + (b - part) === 0;
}

/** By the error of the product (Dekker), which is itself exact unless the product is tiny. */
function isProduct(a: number, b: number, product: number): boolean {
  if (a === 0 || b === 0) return product === 0;
  const rounded = a * b;
  if (rounded !== product || Math.abs(rounded) < 2 ** -900) return false;
  const [high, low] = halves(a);
  const [top, bottom] = halves(b);
  return high * top - rounded + high * bottom + low * top + low * bottom === 0;
}

/** A number as the sum of two of 26 bits. */
function halves(x: number): readonly [high: number, low: number] {
  const scaled = x * (2 ** 27 + 1);
  const high = scaled - (scaled - x);
  return [high, x - high];
}
