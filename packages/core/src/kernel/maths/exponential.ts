/**
 * e^x = 2^k e^r with k the integer nearest to x / ln 2 and |r| <= ln(2) / 2. Polynomials are
 * minimax (Remez exchange, relative error of the function), found with 60 digits and rounded.
 */
import type { Node } from '../lane/node.ts';
import type { LaneOps } from '../lane/ops.ts';
import {
  clamp,
  fastTwoSum,
  nearest,
  type Precision,
  polynomial,
  powerOfTwo,
  scale,
} from './arithmetic.ts';

/** The first 32 bits of ln 2, so that k times it is exact, and the rest. */
const ln2High = 0.6931471803691238;
const ln2Low = 1.9082149292705877e-10;

/** (e^r - 1 - r) / r^2; relative error of e^r - 1: 2^-61 and 2^-31. */
const tail: { readonly [P in Precision]: readonly number[] } = {
  double: [
    0.5, 0.16666666666666677, 0.0416666666666667, 0.008333333333321436, 0.0013888888888866498,
    0.00019841269886673184, 2.4801587361232868e-5, 2.7557243609360858e-6, 2.755724217639872e-7,
    2.510926175658128e-8, 2.0924624762013942e-9,
  ],
  single: [
    0.5000000081775585, 0.16666666757484178, 0.04166623729061628, 0.008333285646286012,
    0.0013948820275093005, 0.00019907837456579675,
  ],
};

export interface ReducedExponent {
  readonly k: Node;
  readonly kBits: Node;
  readonly r: Node;
  /** What rounding took from r. */
  readonly error: Node;
  /** e^(r + error) - 1 - r */
  readonly rest: Node;
}

/** Reduces x + low, |x| < 10^5. */
export function reduceExponent(
  ops: LaneOps,
  x: Node,
  precision: Precision,
  low?: Node,
): ReducedExponent {
  const { value: k, bits: kBits } = nearest(ops, ops.mul(x, ops.f64(Math.LOG2E)));
  const high = ops.sub(x, ops.mul(k, ops.f64(ln2High)));
  const taken = ops.mul(k, ops.f64(ln2Low));
  const lower = low ? ops.sub(taken, low) : taken;
  const r = ops.sub(high, lower);
  const error = ops.sub(ops.sub(high, r), lower);
  const square = ops.mul(ops.mul(r, r), polynomial(ops, r, tail[precision]));
  return { k, kBits, r, error, rest: ops.add(square, error) };
}

/** e^x for x in [-700, 700]. */
function expInside(ops: LaneOps, x: Node, precision: Precision): Node {
  const { kBits, r, rest } = reduceExponent(ops, x, precision);
  return ops.mul(ops.add(ops.f64(1), ops.add(r, rest)), powerOfTwo(ops, kBits));
}

export function exp(ops: LaneOps, x: Node, precision: Precision): Node {
  if (precision === 'single') return expInside(ops, clamp(ops, x, -110, 90), precision);
  const { kBits, r, rest } = reduceExponent(ops, clamp(ops, x, -746, 710), precision);
  return scale(ops, ops.add(ops.f64(1), ops.add(r, rest)), kBits);
}

/**
 * e^x - 1 = 2^k ((1 - 2^-k) + r + rest). The two large terms may cancel, so the error of their
 * sum is kept.
 */
export function expm1(ops: LaneOps, x: Node, precision: Precision): Node {
  const inside = clamp(ops, x, -50, precision === 'double' ? 710 : 90);
  const { k, kBits, r, rest } = reduceExponent(ops, inside, precision);
  const bounded = nearest(ops, ops.binary('min', k, ops.f64(100)));
  const one = ops.f64(1);
  const inverse = powerOfTwo(ops, ops.sub(ops.i64(0n), bounded.bits));
  const base = ops.sub(one, inverse);
  const sum = ops.add(base, r);
  const back = ops.sub(sum, base);
  const error = ops.add(ops.sub(base, ops.sub(sum, back)), ops.sub(r, back));
  const y = scale(ops, ops.add(sum, ops.add(error, rest)), kBits);
  return ops.select(ops.compare('lt', ops.unary('abs', x), ops.f64(2 ** -54)), x, y);
}

/** 1 / (1 + e^-|x|), or e^-|x| times that. */
export function sigmoid(ops: LaneOps, x: Node, precision: Precision): Node {
  return sigmoidOf(ops, x, exp(ops, ops.unary('neg', ops.unary('abs', x)), precision));
}

/**
 * The sigmoid of x from e = e^-|x|. What the denominator d = 1 + e loses is made up for: the
 * quotient q is too large, or too small, by q error / d, and 1 / d is q or 1 - q.
 */
export function sigmoidOf(ops: LaneOps, x: Node, e: Node): Node {
  const one = ops.constant(x.kind, 1);
  const below = ops.compare('lt', x, ops.constant(x.kind, 0));
  const { sum, error } = fastTwoSum(ops, one, e);
  const q = ops.div(ops.select(below, e, one), sum);
  const inverse = ops.select(below, ops.sub(one, q), q);
  return ops.sub(q, ops.mul(ops.mul(q, inverse), error));
}

/** (tanh(x) - x) / x^3 in x^2 for |x| <= 0.625; relative error of tanh: 2^-61 and 2^-32. */
const tanhTail: { readonly [P in Precision]: readonly number[] } = {
  double: [
    -0.33333333333333315, 0.13333333333329625, -0.05396825396599427, 0.02186948846694912,
    -0.00886323428463702, 0.0035921137228420844, -0.001455724153926923, 0.0005894440921753866,
    -0.00023698996242874182, 9.151956403649775e-5, -3.014751539133177e-5, 6.024760512709721e-6,
  ],
  single: [
    -0.33333330757840524, 0.1333320415857883, -0.05394651914711299, 0.021699315905258663,
    -0.008173850267318058, 0.0021396128782802896,
  ],
};

/** 1 - 2 / (e^2|x| + 1), and a polynomial where that would cancel. */
export function tanh(ops: LaneOps, x: Node, precision: Precision): Node {
  const size = ops.unary('abs', x);
  const z = ops.mul(x, x);
  const small = ops.add(size, ops.mul(ops.mul(size, z), polynomial(ops, z, tanhTail[precision])));
  const bounded = ops.binary('min', size, ops.f64(22));
  const e = expInside(ops, ops.add(bounded, bounded), precision);
  const one = ops.f64(1);
  const large = ops.sub(one, ops.div(ops.f64(2), ops.add(e, one)));
  const y = ops.select(ops.compare('lt', size, ops.f64(0.625)), small, large);
  return ops.binary('copysign', y, x);
}
