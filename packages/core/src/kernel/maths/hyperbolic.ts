/** sinh and cosh by e^|x| / 2 and its reciprocal; sinh near 0 by an odd polynomial. */
import type { Node } from '../lane/node.ts';
import type { LaneOps } from '../lane/ops.ts';
import { clamp, type Precision, polynomial, scale } from './arithmetic.ts';
import { reduceExponent } from './exponential.ts';

/** (sinh(x) - x) / x^3 in x^2 for |x| <= 1; error relative to x: 2^-56 and 2^-41. */
const sinhTail: { readonly [P in Precision]: readonly number[] } = {
  double: [
    0.16666666666666666, 0.008333333333333299, 0.00019841269841324198, 2.7557319191381816e-6,
    2.5052117695907823e-8, 1.6057679623801638e-10, 7.746178593018827e-13,
  ],
  single: [
    0.16666666666698407, 0.008333333317464362, 0.0001984128253011599, 2.755377026364149e-6,
    2.545670657152382e-8,
  ],
};

interface Halves {
  /** e^|x| / 2 */
  readonly rising: Node;
  /** e^-|x| / 2 */
  readonly falling: Node;
}

function halves(ops: LaneOps, x: Node, precision: Precision): Halves {
  const size = clamp(ops, ops.unary('abs', x), 0, 720);
  const { kBits, r, rest } = reduceExponent(ops, size, precision);
  const mantissa = ops.add(ops.f64(1), ops.add(r, rest));
  const rising = scale(ops, mantissa, ops.sub(kBits, ops.i64(1n)));
  return { rising, falling: ops.div(ops.f64(0.25), rising) };
}

export function cosh(ops: LaneOps, x: Node, precision: Precision): Node {
  const { rising, falling } = halves(ops, x, precision);
  return ops.add(rising, falling);
}

export function sinh(ops: LaneOps, x: Node, precision: Precision): Node {
  const { rising, falling } = halves(ops, x, precision);
  const z = ops.mul(x, x);
  const near = ops.add(x, ops.mul(ops.mul(x, z), polynomial(ops, z, sinhTail[precision])));
  const far = ops.binary('copysign', ops.sub(rising, falling), x);
  return ops.select(ops.compare('lt', ops.unary('abs', x), ops.f64(1)), near, far);
}
