/**
 * The remainder of a division, exactly. With a quotient q below 2^25, q y is exact in two parts,
 * and so is what it leaves of x. A larger quotient is first brought down by a multiple of y.
 */
import { ofTwo } from '../lane/lane-function.ts';
import type { Node } from '../lane/node.ts';
import type { LaneOps } from '../lane/ops.ts';
import { leading } from './arithmetic.ts';

const near = 2 ** 25;

/** x - trunc(x / y) y for x >= 0 and y >= 0. */
function remainder(ops: LaneOps, x: Node, y: Node): Node {
  const zero = ops.f64(0);
  const infinity = ops.f64(Number.POSITIVE_INFINITY);
  const ratio = ops.div(x, y);
  const q = ops.unary('trunc', ratio);
  const front = leading(ops, y, 27);
  const behind = ops.sub(y, front);
  const rest = ops.sub(ops.sub(x, ops.mul(q, front)), ops.mul(q, behind));
  // The division may have rounded up to the next whole number.
  const usual = ops.select(ops.compare('lt', rest, zero), ops.add(rest, y), rest);
  const defined = ops.binary('and', ops.compare('lt', x, infinity), ops.compare('gt', y, zero));
  const far = ops.binary('and', defined, ops.compare('ge', ratio, ops.f64(near)));
  const reduced = ops.rare(far, usual, remainderFar, [x, y]);
  const finite = ops.select(ops.compare('eq', y, infinity), x, reduced);
  return ops.select(defined, finite, ops.f64(Number.NaN));
}

/** The remainder modulo y of the remainder modulo y 2^j, where x / (y 2^j) lies in [2^24, 2^25). */
const remainderFar = ofTwo('remainder far f64', 'f64', (ops, x, y) => {
  const ratio = ops.div(x, y);
  const exponent = ops.shift('shr_u', ops.bits('i64', ratio), 52);
  const power = ops.shift('shl', ops.sub(exponent, ops.i64(24n)), 52);
  const infinite = ops.compare('eq', ratio, ops.f64(Number.POSITIVE_INFINITY));
  const step = ops.select(infinite, ops.f64(2 ** 990), ops.bits('f64', power));
  const first = ops.call(remainderNear, [x, ops.mul(y, step)]);
  return ops.call(remainderNear, [first, y]);
});

const remainderNear = ofTwo('remainder f64', 'f64', remainder);

/** The remainder with the sign of y. */
export function mod(ops: LaneOps, x: Node, y: Node): Node {
  const zero = ops.f64(0);
  const rest = remainder(ops, ops.unary('abs', x), ops.unary('abs', y));
  const signed = ops.binary('copysign', rest, x);
  const apart = ops.compare('ne', ops.compare('lt', x, zero), ops.compare('lt', y, zero));
  const moved = ops.select(apart, ops.add(signed, y), signed);
  return ops.select(ops.compare('eq', rest, zero), ops.binary('copysign', zero, y), moved);
}
