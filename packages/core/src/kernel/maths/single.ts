/**
 * exp, expm1, log, log1p, sigmoid and tanh in float32 arithmetic: as in `exponential.ts` and
 * `logarithm.ts`, with polynomials that are as long as 24 bits need. So are sine and cosine, erf and its
 * inverse; the other functions of float32 are computed in float64, because several roundings in a row
 * would cost more than two units in the last place.
 */
import type { Node } from '../lane/node.ts';
import type { LaneOps } from '../lane/ops.ts';
import { sigmoidOf } from './exponential.ts';

/** 1.5 * 2^23 */
const magic = 12582912;

/** Nine bits of ln 2, whose products with exponents are exact, and the rest. */
const ln2High = 0.693359375;
const ln2Low = -2.1219444005469057e-4;

/** c0 + c1 x + c2 x^2 + ... */
export function horner(ops: LaneOps, x: Node, coefficients: readonly number[]): Node {
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

interface Reduced {
  readonly k: Node;
  /** k in the low bits. */
  readonly bits: Node;
  readonly r: Node;
  /** What rounding took from r. */
  readonly error: Node;
  /** e^r - 1 - r */
  readonly rest: Node;
}

/** e^x = 2^k e^r. */
function reduced(ops: LaneOps, x: Node): Reduced {
  const { value: k, bits } = nearest(ops, ops.mul(x, ops.f32(Math.LOG2E)));
  const high = ops.sub(x, ops.mul(k, ops.f32(ln2High)));
  const low = ops.mul(k, ops.f32(ln2Low));
  const r = ops.sub(high, low);
  const rest = ops.mul(ops.mul(r, r), horner(ops, r, expTail));
  return { k, bits, r, error: ops.sub(ops.sub(high, r), low), rest };
}

/** e^r */
const mantissa = (ops: LaneOps, { r, rest }: Reduced): Node =>
  ops.add(ops.f32(1), ops.add(r, rest));

/** y * 2^k for the integer in the low bits of `bits`, in two steps because 2^k may not be a float. */
function scale(ops: LaneOps, y: Node, bits: Node): Node {
  const half = ops.shift('shr_u', bits, 1);
  const rest = ops.sub(bits, half);
  return ops.mul(ops.mul(y, powerOfTwo(ops, half)), powerOfTwo(ops, rest));
}

const clamp = (ops: LaneOps, x: Node, from: number, to: number): Node =>
  ops.binary('min', ops.binary('max', x, ops.f32(from)), ops.f32(to));

/** e^x for x in [-80, 80]. */
export function expInside(ops: LaneOps, x: Node): Node {
  const parts = reduced(ops, x);
  return ops.mul(mantissa(ops, parts), powerOfTwo(ops, parts.bits));
}

export function exp(ops: LaneOps, x: Node): Node {
  const parts = reduced(ops, clamp(ops, x, -105, 90));
  return scale(ops, mantissa(ops, parts), parts.bits);
}

/** 2^k ((1 - 2^-k) + r + rest), with the error of the sum of the two large terms. */
export function expm1(ops: LaneOps, x: Node): Node {
  const { k, bits, r, error, rest } = reduced(ops, clamp(ops, x, -20, 90));
  const one = ops.f32(1);
  const bounded = nearest(ops, ops.binary('min', k, ops.f32(60)));
  const base = ops.sub(one, powerOfTwo(ops, ops.sub(ops.i32(0), bounded.bits)));
  const sum = ops.add(base, r);
  const back = ops.sub(sum, base);
  const lost = ops.add(ops.sub(base, ops.sub(sum, back)), ops.sub(r, back));
  const y = scale(ops, ops.add(sum, ops.add(lost, ops.add(rest, error))), bits);
  return ops.select(ops.compare('lt', ops.unary('abs', x), ops.f32(2 ** -25)), x, y);
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
  const one = ops.f32(1);
  const whole = ops.add(expInside(ops, ops.add(bounded, bounded)), one);
  const large = ops.sub(one, ops.div(ops.f32(2), whole));
  const y = ops.select(ops.compare('lt', size, ops.f32(0.625)), small, large);
  return ops.binary('copysign', y, x);
}

/** (2 atanh(s) - 2 s) / s^3 in s^2; relative error of log: 2^-30 */
const logTail = [0.6666677806568583, 0.3997731110941144, 0.29878456071835585];

/** Bits of sqrt(1/2), and what makes them those of 1. */
const rootBits = 0x3f3504f3;
const toOne = 0x3f800000 - rootBits;

/** k and m of a positive float, 2^shift times which is a normal float of the same k and m. */
function splitExponent(ops: LaneOps, x: Node, shift: Node): { readonly k: Node; readonly m: Node } {
  const shifted = ops.add(ops.bits('i32', x), ops.i32(toOne));
  const exponent = ops.sub(ops.shift('shr_u', shifted, 23), ops.add(shift, ops.i32(127)));
  const fraction = ops.binary('and', shifted, ops.i32(0x7fffff));
  return {
    k: ops.convert('f32', exponent),
    m: ops.bits('f32', ops.add(fraction, ops.i32(rootBits))),
  };
}

/** k ln 2 + log(1 + f) + correction */
function assemble(ops: LaneOps, k: Node, f: Node, correction?: Node): Node {
  const s = ops.div(f, ops.add(ops.f32(2), f));
  const z = ops.mul(s, s);
  const half = ops.mul(ops.mul(f, f), ops.f32(0.5));
  const rest = ops.mul(z, horner(ops, z, logTail));
  const taken = ops.mul(k, ops.f32(ln2Low));
  const low = ops.add(
    ops.mul(s, ops.add(half, rest)),
    correction ? ops.add(taken, correction) : taken,
  );
  return ops.sub(ops.mul(k, ops.f32(ln2High)), ops.sub(ops.sub(half, low), f));
}

/** Puts in the values at and beyond the ends of the domain, which begins at `start`. */
function atEnds(ops: LaneOps, x: Node, start: number, y: Node): Node {
  const infinity = Number.POSITIVE_INFINITY;
  const inside = ops.select(ops.compare('lt', x, ops.f32(infinity)), y, x);
  const outside = ops.select(
    ops.compare('eq', x, ops.f32(start)),
    ops.f32(-infinity),
    ops.f32(Number.NaN),
  );
  return ops.select(ops.compare('le', x, ops.f32(start)), outside, inside);
}

export function log(ops: LaneOps, x: Node): Node {
  const tiny = ops.compare('lt', x, ops.f32(2 ** -126));
  const normal = ops.select(tiny, ops.mul(x, ops.f32(2 ** 25)), x);
  const { k, m } = splitExponent(ops, normal, ops.select(tiny, ops.i32(25), ops.i32(0)));
  return atEnds(ops, x, 0, assemble(ops, k, ops.sub(m, ops.f32(1))));
}

/** With u = 1 + x rounded, log(1 + x) = log(u) + (what rounding took) / u. */
export function log1p(ops: LaneOps, x: Node): Node {
  const one = ops.f32(1);
  const u = ops.add(one, x);
  const back = ops.sub(u, one);
  const taken = ops.add(ops.sub(one, ops.sub(u, back)), ops.sub(x, back));
  const { k, m } = splitExponent(ops, u, ops.i32(0));
  const exact = ops.compare('eq', k, ops.f32(0));
  const f = ops.select(exact, x, ops.sub(m, one));
  const correction = ops.select(exact, ops.f32(0), ops.div(taken, u));
  const y = atEnds(ops, x, -1, assemble(ops, k, f, correction));
  return ops.select(ops.compare('lt', ops.unary('abs', x), ops.f32(2 ** -25)), x, y);
}

export function sigmoid(ops: LaneOps, x: Node): Node {
  return sigmoidOf(ops, x, exp(ops, ops.unary('neg', ops.unary('abs', x))));
}
