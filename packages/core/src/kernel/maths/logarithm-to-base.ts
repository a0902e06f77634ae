/**
 * Logarithms to the bases 2 and 10, as the natural one in two floats times a constant in two: with an error of
 * 2^-64 of the result before it is rounded, whole results come out whole.
 */
import type { Node } from '../lane/node.ts';
import type { LaneOps } from '../lane/ops.ts';
import type { Precision } from './arithmetic.ts';
import { atEnds, log } from './logarithm.ts';
import { multiplyPairs, rounded } from './pair.ts';
import { logPair } from './power.ts';

/** 1 / ln(base), and what rounding took off it. */
type Factor = readonly [high: number, low: number];

function toBase(ops: LaneOps, [high, low]: Factor, x: Node, precision: Precision): Node {
  if (precision === 'single') return ops.mul(log(ops, x, 'double'), ops.f64(high));
  const factor = { high: ops.f64(high), low: ops.f64(low) };
  return atEnds(ops, x, 0, rounded(ops, multiplyPairs(ops, logPair(ops, x), factor)));
}

export function log2(ops: LaneOps, x: Node, precision: Precision): Node {
  return toBase(ops, [Math.LOG2E, 2.0355273740931033e-17], x, precision);
}

export function log10(ops: LaneOps, x: Node, precision: Precision): Node {
  return toBase(ops, [Math.LOG10E, 1.098319650216765e-17], x, precision);
}
