import type { Node } from '../lane/node.ts';
import type { LaneOps } from '../lane/ops.ts';

/** The accuracy that a computation in f64 is for. */
export type Precision = 'double' | 'single';

/** 1.5 * 2^52: adding it leaves the nearest whole number in the low bits of the mantissa. */
const magic = 6755399441055744;

/**
 * c0 + c1 x + c2 x^2 + ...; a long one as the sum of its even and odd parts, which a processor
 * computes at the same time.
 */
export function polynomial(ops: LaneOps, x: Node, coefficients: readonly number[]): Node {
  if (coefficients.length < 5) return horner(ops, x, coefficients);
  const square = ops.mul(x, x);
  const [even, odd] = [0, 1].map((part) =>
    horner(
      ops,
      square,
      coefficients.filter((_, i) => i % 2 === part),
    ),
  );
  if (!even || !odd) throw new Error('A polynomial has an even and an odd part.');
  return ops.add(even, ops.mul(odd, x));
}

function horner(ops: LaneOps, x: Node, coefficients: readonly number[]): Node {
  return coefficients.map((c) => ops.f64(c)).reduceRight((sum, c) => ops.add(ops.mul(sum, x), c));
}

/** The whole number nearest to x, |x| < 2^51; the low bits of `bits` are those of the integer. */
export function nearest(ops: LaneOps, x: Node): { readonly value: Node; readonly bits: Node } {
  const shifted = ops.add(x, ops.f64(magic));
  return { value: ops.sub(shifted, ops.f64(magic)), bits: ops.bits('i64', shifted) };
}

/** 2^k for the integer in the low bits of `bits`, -1022 <= k <= 1023. */
export function powerOfTwo(ops: LaneOps, bits: Node): Node {
  return ops.bits('f64', ops.shift('shl', ops.add(bits, ops.i64(1023n)), 52));
}

/**
 * y * 2^k for the integer in the low bits of `bits`, |k| < 2000, in two steps because 2^k itself may
 * not be a float.
 */
export function scale(ops: LaneOps, y: Node, bits: Node): Node {
  const half = ops.shift('shr_u', bits, 1);
  const rest = ops.sub(bits, half);
  return ops.mul(ops.mul(y, powerOfTwo(ops, half)), powerOfTwo(ops, rest));
}

/** x without the lowest `bits` bits of its mantissa; products of such parts are exact. */
export function leading(ops: LaneOps, x: Node, bits: number): Node {
  const mask = BigInt.asIntN(64, -1n << BigInt(bits));
  return ops.bits('f64', ops.binary('and', ops.bits('i64', x), ops.i64(mask)));
}

/** a + b rounded, and the rounding error, exactly (Knuth). */
export function twoSum(
  ops: LaneOps,
  a: Node,
  b: Node,
): { readonly sum: Node; readonly error: Node } {
  const sum = ops.add(a, b);
  const other = ops.sub(sum, a);
  const error = ops.add(ops.sub(a, ops.sub(sum, other)), ops.sub(b, other));
  return { sum, error };
}

/** a + b rounded, and the rounding error, where |a| >= |b| or a is 0 (Dekker). */
export function fastTwoSum(
  ops: LaneOps,
  a: Node,
  b: Node,
): { readonly sum: Node; readonly error: Node } {
  const sum = ops.add(a, b);
  return { sum, error: ops.add(ops.sub(a, sum), b) };
}

/** x within bounds, or NaN. */
export function clamp(ops: LaneOps, x: Node, from: number, to: number): Node {
  return ops.binary('min', ops.binary('max', x, ops.f64(from)), ops.f64(to));
}
