/**
 * Numbers of twice the precision as unevaluated sums of two floats (Dekker, A floating-point
 * technique for extending the available precision, 1971).
 */
import type { Node } from '../lane/node.ts';
import type { LaneOps } from '../lane/ops.ts';
import { fastTwoSum, leading, type Precision, twoSum } from './arithmetic.ts';
import { log } from './logarithm.ts';
import { logPair } from './power.ts';

export interface Pair {
  readonly high: Node;
  readonly low: Node;
}

/** a b rounded, and the rounding error to 2^-106 of the product. */
export function twoProduct(ops: LaneOps, a: Node, b: Node): Pair {
  const high = ops.mul(a, b);
  const aFront = leading(ops, a, 27);
  const aBehind = ops.sub(a, aFront);
  const bFront = leading(ops, b, 27);
  const bBehind = ops.sub(b, bFront);
  const first = ops.sub(ops.mul(aFront, bFront), high);
  const cross = ops.add(ops.add(first, ops.mul(aFront, bBehind)), ops.mul(aBehind, bFront));
  return { high, low: ops.add(cross, ops.mul(aBehind, bBehind)) };
}

/** a + b, whatever their sizes; the low part of the result may overlap the high one. */
export function addPairs(ops: LaneOps, a: Pair, b: Pair): Pair {
  const { sum, error } = twoSum(ops, a.high, b.high);
  return { high: sum, low: ops.add(error, ops.add(a.low, b.low)) };
}

export function negated(ops: LaneOps, { high, low }: Pair): Pair {
  return { high: ops.unary('neg', high), low: ops.unary('neg', low) };
}

export function multiplyPairs(ops: LaneOps, a: Pair, b: Pair): Pair {
  const { high, low } = twoProduct(ops, a.high, b.high);
  const cross = ops.add(ops.mul(a.high, b.low), ops.mul(a.low, b.high));
  return { high, low: ops.add(low, cross) };
}

export function dividePairs(ops: LaneOps, a: Pair, b: Pair): Pair {
  const high = ops.div(a.high, b.high);
  const back = twoProduct(ops, high, b.high);
  const rest = ops.sub(ops.sub(a.high, back.high), back.low);
  const missing = ops.sub(ops.add(rest, a.low), ops.mul(high, b.low));
  return { high, low: ops.div(missing, b.high) };
}

/** constant + small, where small is the lesser. */
export function addToConstant(ops: LaneOps, [high, low]: readonly [number, number], x: Pair): Pair {
  const { sum, error } = fastTwoSum(ops, ops.f64(high), x.high);
  return { high: sum, low: ops.add(error, ops.add(x.low, ops.f64(low))) };
}

export function single(ops: LaneOps, high: Node): Pair {
  return { high, low: ops.f64(0) };
}

export function choose(ops: LaneOps, condition: Node, a: Pair, b: Pair): Pair {
  return {
    high: ops.select(condition, a.high, b.high),
    low: ops.select(condition, a.low, b.low),
  };
}

export function rounded(ops: LaneOps, { high, low }: Pair): Node {
  return ops.add(high, low);
}

/** log(x) of a positive x, as precise as results of the given precision ask. */
export function logarithmOf(ops: LaneOps, { high, low }: Pair, precision: Precision): Pair {
  if (precision === 'single') return single(ops, log(ops, high, 'double'));
  const main = logPair(ops, high);
  return { high: main.high, low: ops.add(main.low, ops.div(low, high)) };
}
