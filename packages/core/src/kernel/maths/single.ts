/**
 * exp, log, sigmoid and tanh in float32 arithmetic: as in `exponential.ts` and
 * `logarithm.ts`, with polynomials that are as long as 24 bits need. The other functions of float32 are computed in
 * float64, because several roundings in a row would cost more than two units in the last place.
 */
import type { Node } from '../lane/node.ts';
import type { LaneOps } from '../lane/ops.ts';
import { sigmoidOf } from './exponential.ts';

/** 1.5 * 2^23 */
const magic = 12582912;

/** Nine bits of ln 2, whose products with exponents are exact, and the rest. */
const ln2High = 0.693359375;
const ln2Low = -2.1219444005469057e-4;

function horner(ops: LaneOps, x: Node, coefficients: readonly number[]): Node {
  return coefficients.map((c) => ops.f32(c)).reduceRight((sum, c) => ops.add(ops.mul(sum, x), c));
}

function nearest(ops: LaneOps, x: Node): { readonly value: Node; readonly bits: Node } {
  const shifted = ops.add(x, ops.f32(magic));
  return { value: ops.sub(shifted, ops.f32(magic)), bits: ops.bits('i32', shifted) };
}

function powerOfTwo(ops: LaneOps, bits: Node): Node {
  return ops.bits('f32', ops.shift('shl', ops.add(bits, ops.i32(127)), 23));
}

/** (e^r - 1 - r) / r^2; relative error of e^r: 2^-27 */
const expTail = [
  0.5000000062648488, 0.16666542048381472, 0.04166627907989449, 0.008366710646672618,
  0.001394667020749494,
];

/** e^x = 2^k y, with k in the low bits of `bits`. */
function reduced(ops: LaneOps, x: Node): { readonly bits: Node; readonly y: Node } {
  const { value: k, bits } = nearest(ops, ops.mul(x, ops.f32(Math.LOG2E)));
  const high = ops.sub(x, ops.mul(k, ops.f32(ln2High)));
  const r = ops.sub(high, ops.mul(k, ops.f32(ln2Low)));
  const rest = ops.mul(ops.mul(r, r), horner(ops, r, expTail));
  return { bits, y: ops.add(ops.f32(1), ops.add(r, rest)) };
}

export function exp(ops: LaneOps, x: Node): Node {
  const inside = ops.binary('min', ops.binary('max', x, ops.f32(-105)), ops.f32(90));
  const { bits, y } = reduced(ops, inside);
  // 2^k in two steps, because it may not be a float.
  const half = ops.shift('shr_u', bits, 1);
  const rest = ops.sub(bits, half);
  return ops.mul(ops.mul(y, powerOfTwo(ops, half)), powerOfTwo(ops, rest));
}

/** (tanh(x) - x) / x^3 in x^2 for |x| <= 0.625; relative error of tanh: 2^-27 */
const tanhTail = [
  -0.3333328118497735, 0.13331420380508924, -0.053737797962761236, 0.020632546152537175,
  -0.005697383869595095,
];

export function tanh(ops: LaneOps, x: Node): Node {
  const size = ops.unary('abs', x);
  const z = ops.mul(x, x);
  const small = ops.add(size, ops.mul(ops.mul(size, z), horner(ops, z, tanhTail)));
  const bounded = ops.binary('min', size, ops.f32(10));
  const { bits, y: e } = reduced(ops, ops.add(bounded, bounded));
  const one = ops.f32(1);
  const whole = ops.add(ops.mul(e, powerOfTwo(ops, bits)), one);
  const large = ops.sub(one, ops.div(ops.f32(2), whole));
  const y = ops.select(ops.compare('lt', size, ops.f32(0.625)), small, large);
  return ops.binary('copysign', y, x);
}

/** (2 atanh(s) - 2 s) / s^3 in s^2; relative error of log: 2^-30 */
const logTail = [0.6666677806568583, 0.3997731110941144, 0.29878456071835585];

/** Bits of sqrt(1/2), and what makes them those of 1. */
const rootBits = 0x3f3504f3;
const toOne = 0x3f800000 - rootBits;

export function log(ops: LaneOps, x: Node): Node {
  const tiny = ops.compare('lt', x, ops.f32(2 ** -126));
  const normal = ops.select(tiny, ops.mul(x, ops.f32(2 ** 25)), x);
  const shifted = ops.add(ops.bits('i32', normal), ops.i32(toOne));
  const bias = ops.select(tiny, ops.i32(127 + 25), ops.i32(127));
  const k = ops.convert('f32', ops.sub(ops.shift('shr_u', shifted, 23), bias));
  const mantissa = ops.binary('and', shifted, ops.i32(0x7fffff));
  const f = ops.sub(ops.bits('f32', ops.add(mantissa, ops.i32(rootBits))), ops.f32(1));

  const s = ops.div(f, ops.add(ops.f32(2), f));
  const z = ops.mul(s, s);
  const half = ops.mul(ops.mul(f, f), ops.f32(0.5));
  const rest = ops.mul(z, horner(ops, z, logTail));
  const low = ops.add(ops.mul(s, ops.add(half, rest)), ops.mul(k, ops.f32(ln2Low)));
  const y = ops.sub(ops.mul(k, ops.f32(ln2High)), ops.sub(ops.sub(half, low), f));

  const infinity = Number.POSITIVE_INFINITY;
  const inside = ops.select(ops.compare('lt', x, ops.f32(infinity)), y, x);
  const outside = ops.select(
    ops.compare('eq', x, ops.f32(0)),
    ops.f32(-infinity),
    ops.f32(Number.NaN),
  );
  return ops.select(ops.compare('le', x, ops.f32(0)), outside, inside);
}

export function sigmoid(ops: LaneOps, x: Node): Node {
  return sigmoidOf(ops, x, exp(ops, ops.unary('neg', ops.unary('abs', x))));
}
