/**
 * sin and cos in float32 arithmetic: x = n pi/2 + y is reduced in float64, where two parts of pi/2
 * leave y correct to float32 however near x is to a multiple, and everything after that fits 24 bits.
 */
import { type LaneFunction, widened } from '../lane/lane-function.ts';
import type { Node } from '../lane/node.ts';
import { LaneOps } from '../lane/ops.ts';
import { cosLarge, large, reduce, sinLarge } from './trigonometric.ts';

/** (sin(y) - y) / y^3 in y^2 for |y| <= pi/4; relative error of sin: 2^-28 */
const sinTail = [-0.166666546024406, 0.008332160298980465, -0.00019515218797920905] as const;

/** (cos(y) - 1 + y^2 / 2) / y^4 in y^2; relative error of cos: 2^-33 */
const cosTail = [0.04166664567050548, -0.0013887315632109811, 2.443308426879438e-5] as const;

interface Reduced {
  readonly y: Node;
  readonly quadrant: Node;
}

/** n in the low bits of `quadrant`, and y; two lanes at a time. */
function reduced(ops: LaneOps, x: Node): Reduced {
  const narrow = new LaneOps(ops.graph, ops.lanes === 1 ? 1 : 2);
  const part = (single: Node): Reduced => {
    const { y, quadrant } = reduce(narrow, narrow.convert('f64', single), 'single');
    return { y: narrow.convert('f32', y), quadrant: narrow.convert('i32', quadrant) };
  };
  if (ops.lanes < 4) return part(x);
  const [lower, upper] = [part(ops.half(x, false)), part(ops.half(x, true))];
  return {
    y: ops.join(lower.y, upper.y),
    quadrant: ops.join(lower.quadrant, upper.quadrant),
  };
}

function horner(ops: LaneOps, x: Node, [a, b, c]: readonly [number, number, number]): Node {
  return ops.add(ops.f32(a), ops.mul(x, ops.add(ops.f32(b), ops.mul(x, ops.f32(c)))));
}

/* @__NO_SIDE_EFFECTS__ */
function trigonometric(name: 'sin' | 'cos', beyond: LaneFunction) {
  return (ops: LaneOps, x: Node): Node => {
    const size = ops.unary('abs', x);
    const { y, quadrant: n } = reduced(ops, x);
    const quadrant = name === 'sin' ? n : ops.add(n, ops.i32(1));
    const z = ops.mul(y, y);
    const sine = ops.add(y, ops.mul(ops.mul(y, z), horner(ops, z, sinTail)));
    const most = ops.sub(ops.f32(1), ops.mul(ops.f32(0.5), z));
    const cosine = ops.add(most, ops.mul(ops.mul(z, z), horner(ops, z, cosTail)));
    const isOdd = ops.compare('eq', ops.binary('and', quadrant, ops.i32(1)), ops.i32(1));
    const sign = ops.shift('shl', ops.binary('and', quadrant, ops.i32(2)), 30);
    const unsigned = ops.bits('i32', ops.select(isOdd, cosine, sine));
    const usual = ops.bits('f32', ops.binary('xor', unsigned, sign));
    const isLarge = ops.compare('gt', size, ops.f32(large));
    const value = ops.rare(isLarge, usual, beyond, [x]);
    // The sign of zero, too.
    return name === 'cos'
      ? value
      : ops.select(ops.compare('lt', size, ops.f32(2 ** -13)), x, value);
  };
}

export const sin = trigonometric('sin', widened('sin large f32', sinLarge));
export const cos = trigonometric('cos', widened('cos large f32', cosLarge));
