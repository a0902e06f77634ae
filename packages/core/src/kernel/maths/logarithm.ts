/**
 * x = 2^k m with m in [sqrt(1/2), sqrt(2)); with f = m - 1 and s = f / (2 + f),
 * log(m) = 2 atanh(s) = 2 s + s R(s^2) = f - (f^2 / 2 - s (f^2 / 2 + R)).
 * The last form loses nothing when f is small, because f is exact and the rest is small.
 */
import type { Node } from '../lane/node.ts';
import type { LaneOps } from '../lane/ops.ts';
import { type Precision, polynomial } from './arithmetic.ts';

const ln2High = 0.6931471803691238;
const ln2Low = 1.9082149292705877e-10;

/** (2 atanh(s) - 2 s) / s^3 in s^2; relative error of log: 2^-59 and 2^-37. */
const tail: { readonly [P in Precision]: readonly number[] } = {
  double: [
    0.6666666666666737, 0.39999999999396557, 0.28571428746800304, 0.22222198084049946,
    0.1818359151401889, 0.15313312274097063, 0.14803742504670683,
  ],
  single: [0.6666666562451319, 0.4000034035374167, 0.2853695672254031, 0.23589239774913284],
};

/** Bits of sqrt(1/2), and what makes them those of 1. */
const rootBits = 0x3fe6a09e667f3bcdn;
const toOne = 0x3ff0000000000000n - rootBits;

/** k and m of a positive normal float; nonsense for other values. */
function splitExponent(ops: LaneOps, x: Node): { readonly k: Node; readonly m: Node } {
  const shifted = ops.add(ops.bits('i64', x), ops.i64(toOne));
  const exponent = ops.shift('shr_u', shifted, 52);
  // The exponent becomes the low bits of the mantissa of 2^52.
  const joined = ops.bits('f64', ops.binary('or', exponent, ops.i64(0x4330000000000000n)));
  const k = ops.sub(joined, ops.f64(2 ** 52 + 1023));
  const mantissa = ops.binary('and', shifted, ops.i64(0xfffffffffffffn));
  return { k, m: ops.bits('f64', ops.add(mantissa, ops.i64(rootBits))) };
}

/** The same for any positive float. */
export function splitAny(ops: LaneOps, x: Node): { readonly k: Node; readonly m: Node } {
  const tiny = ops.compare('lt', x, ops.f64(2 ** -1022));
  const { k, m } = splitExponent(ops, ops.select(tiny, ops.mul(x, ops.f64(2 ** 54)), x));
  return { k: ops.select(tiny, ops.sub(k, ops.f64(54)), k), m };
}

/** k ln 2 + log(1 + f) + correction */
function assemble(ops: LaneOps, k: Node, f: Node, precision: Precision, correction?: Node): Node {
  const s = ops.div(f, ops.add(ops.f64(2), f));
  const z = ops.mul(s, s);
  const rest = ops.mul(z, polynomial(ops, z, tail[precision]));
  const half = ops.mul(ops.mul(f, f), ops.f64(0.5));
  const taken = ops.mul(k, ops.f64(ln2Low));
  const low = ops.add(
    ops.mul(s, ops.add(half, rest)),
    correction ? ops.add(taken, correction) : taken,
  );
  return ops.sub(ops.mul(k, ops.f64(ln2High)), ops.sub(ops.sub(half, low), f));
}

/** Puts in the values at and beyond the ends of the domain, which begins at `start`. */
export function atEnds(ops: LaneOps, x: Node, start: number, y: Node): Node {
  const inside = ops.select(ops.compare('lt', x, ops.f64(Number.POSITIVE_INFINITY)), y, x);
  const outside = ops.select(
    ops.compare('eq', x, ops.f64(start)),
    ops.f64(Number.NEGATIVE_INFINITY),
    ops.f64(Number.NaN),
  );
  return ops.select(ops.compare('le', x, ops.f64(start)), outside, inside);
}

export function log(ops: LaneOps, x: Node, precision: Precision): Node {
  const { k, m } = precision === 'double' ? splitAny(ops, x) : splitExponent(ops, x);
  return atEnds(ops, x, 0, assemble(ops, k, ops.sub(m, ops.f64(1)), precision));
}

/** With u = 1 + x rounded, log(1 + x) = log(u) + (what rounding took) / u. */
export function log1p(ops: LaneOps, x: Node, precision: Precision): Node {
  const one = ops.f64(1);
  const u = ops.add(one, x);
  const back = ops.sub(u, one);
  const taken = ops.add(ops.sub(one, ops.sub(u, back)), ops.sub(x, back));
  const { k, m } = splitExponent(ops, u);
  const exact = ops.compare('eq', k, ops.f64(0));
  const f = ops.select(exact, x, ops.sub(m, one));
  const correction = ops.select(exact, ops.f64(0), ops.div(taken, u));
  const y = atEnds(ops, x, -1, assemble(ops, k, f, precision, correction));
  return ops.select(ops.compare('lt', ops.unary('abs', x), ops.f64(2 ** -54)), x, y);
}
