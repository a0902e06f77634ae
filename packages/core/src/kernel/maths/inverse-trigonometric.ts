/**
 * Inverse trigonometric functions. Each is a constant plus an odd polynomial of a small argument,
 * and the sum keeps its rounding error. Polynomials are Chebyshev interpolants, found with 60
 * digits and rounded.
 */
import type { Node } from '../lane/node.ts';
import type { LaneOps } from '../lane/ops.ts';
import { fastTwoSum, type Precision, polynomial } from './arithmetic.ts';
import { type Pair, twoProduct } from './pair.ts';

/** (atan(t) - t) / t^3 in t^2 for |t| <= 7/16; error relative to atan: 2^-58 and 2^-37. */
const atanTail: { readonly [P in Precision]: readonly number[] } = {
  double: [
    -0.3333333333333333, 0.1999999999999941, -0.14285714285566806, 0.11111111096645038,
    -0.09090908355602592, 0.07692285554889286, -0.06666241923359964, 0.05876946456755061,
    -0.05216679739313656, 0.04492259293193656, -0.033128134256069586, 0.014773184616983806,
  ],
  single: [
    -0.333333333294813, 0.1999999802433561, -0.14285547665948575, 0.11105794992201753,
    -0.09009038127718107, 0.07028349204332142, -0.03829480975537712,
  ],
};

/** (asin(s) - s) / s^3 in s^2 for |s| <= 1/2; error relative to asin: 2^-58 and 2^-34. */
const asinTail: { readonly [P in Precision]: readonly number[] } = {
  double: [
    0.16666666666666666, 0.07500000000000118, 0.044642857142551895, 0.03038194447553234,
    0.02237215744350722, 0.017352816540325496, 0.01396378001220357, 0.011566459612121669,
    0.009621842970100282, 0.009319560794767446, 0.0030448799094556773, 0.019554513336123378,
    -0.01924167174674304, 0.02961201126495512,
  ],
  single: [
    0.16666666686085643, 0.07499992404401838, 0.04464766388813485, 0.030269138728589183,
    0.023611817008891752, 0.010574415516912909, 0.030974540371355073,
  ],
};

const pi = [Math.PI, 1.2246467991473532e-16] as const;
const halfPi = [Math.PI / 2, 6.123233995736766e-17] as const;

/** Up to `to`, atan(a) = base + atan((a - centre) / (1 + centre a)) with a small second term. */
const pieces = [
  { to: 0.4375, centre: 0, base: [0, 0] },
  { to: 0.6875, centre: 0.5, base: [0.4636476090008061, 2.2698777452961687e-17] },
  { to: 1.1875, centre: 1, base: [Math.PI / 4, 3.061616997868383e-17] },
  { to: 2.4375, centre: 1.5, base: [0.982793723247329, 1.3903311031230998e-17] },
] as const;

/** atan(a) for a >= 0. */
function atanPair(ops: LaneOps, a: Node, precision: Precision): Pair {
  const one = ops.f64(1);
  let numerator = ops.f64(-1);
  let denominator = a;
  let high = ops.f64(halfPi[0]);
  let low = ops.f64(halfPi[1]);
  for (const { to, centre, base } of pieces.toReversed()) {
    const here = ops.compare('lt', a, ops.f64(to));
    const middle = ops.f64(centre);
    numerator = ops.select(here, ops.sub(a, middle), numerator);
    denominator = ops.select(here, ops.add(one, ops.mul(middle, a)), denominator);
    high = ops.select(here, ops.f64(base[0]), high);
    low = ops.select(here, ops.f64(base[1]), low);
  }
  const t = ops.div(numerator, denominator);
  const z = ops.mul(t, t);
  const cubic = ops.mul(ops.mul(t, z), polynomial(ops, z, atanTail[precision]));
  const { sum, error } = fastTwoSum(ops, high, t);
  return { high: sum, low: ops.add(error, ops.add(cubic, low)) };
}

export function atan(ops: LaneOps, x: Node, precision: Precision): Node {
  const { high, low } = atanPair(ops, ops.unary('abs', x), precision);
  return ops.binary('copysign', ops.add(high, low), x);
}

/** The angle of the point (x, y), with the signs of zeros as the C standard has them. */
export function atan2(ops: LaneOps, y: Node, x: Node, precision: Precision): Node {
  const infinity = ops.f64(Number.POSITIVE_INFINITY);
  const height = ops.unary('abs', y);
  const width = ops.unary('abs', x);
  const far = ops.binary(
    'and',
    ops.compare('eq', height, infinity),
    ops.compare('eq', width, infinity),
  );
  const still = ops.compare('eq', ops.add(height, width), ops.f64(0));
  const ratio = ops.select(far, ops.f64(1), ops.select(still, ops.f64(0), ops.div(height, width)));
  const { high, low } = atanPair(ops, ratio, precision);
  const turned = fastTwoSum(ops, ops.f64(pi[0]), ops.unary('neg', high));
  const left = ops.add(turned.sum, ops.add(turned.error, ops.sub(ops.f64(pi[1]), low)));
  const behind = ops.compare('lt', ops.binary('copysign', ops.f64(1), x), ops.f64(0));
  return ops.binary('copysign', ops.select(behind, left, ops.add(high, low)), y);
}

interface Arc {
  readonly small: Node;
  /** |x| below 1/2, else the root of (1 - |x|) / 2 and what rounding took from it. */
  readonly s: Node;
  readonly low: Node;
  /** (asin(s) - s) / s */
  readonly rest: Node;
}

function arc(ops: LaneOps, x: Node, precision: Precision): Arc {
  const size = ops.unary('abs', x);
  const small = ops.compare('lt', size, ops.f64(0.5));
  const outer = ops.mul(ops.sub(ops.f64(1), size), ops.f64(0.5));
  const root = ops.unary('sqrt', outer);
  const square = twoProduct(ops, root, root);
  const missing = ops.sub(ops.sub(outer, square.high), square.low);
  const divisor = ops.binary('max', ops.add(root, root), ops.f64(2 ** -60));
  const z = ops.select(small, ops.mul(x, x), outer);
  return {
    small,
    s: ops.select(small, size, root),
    low: ops.select(small, ops.f64(0), ops.div(missing, divisor)),
    rest: ops.mul(z, polynomial(ops, z, asinTail[precision])),
  };
}

/** constant - x - low */
function taken(ops: LaneOps, from: readonly [number, number], x: Node, low: Node): Node {
  const { sum, error } = fastTwoSum(ops, ops.f64(from[0]), ops.unary('neg', x));
  return ops.add(sum, ops.add(error, ops.sub(ops.f64(from[1]), low)));
}

/** asin(x) = pi/2 - 2 asin(sqrt((1 - x) / 2)) for x >= 1/2. */
export function asin(ops: LaneOps, x: Node, precision: Precision): Node {
  const { small, s, low, rest } = arc(ops, x, precision);
  const inner = ops.add(s, ops.mul(s, rest));
  const correction = ops.add(low, ops.mul(s, rest));
  const outer = taken(ops, halfPi, ops.add(s, s), ops.add(correction, correction));
  return ops.binary('copysign', ops.select(small, inner, outer), x);
}

/** acos(x) = pi/2 - asin(x), and 2 asin(sqrt((1 - x) / 2)) for x >= 1/2. */
export function acos(ops: LaneOps, x: Node, precision: Precision): Node {
  const { small, s, low, rest } = arc(ops, x, precision);
  const inner = taken(ops, halfPi, x, ops.mul(x, rest));
  const correction = ops.add(low, ops.mul(s, rest));
  const twice = ops.add(s, s);
  const more = ops.add(correction, correction);
  const negative = ops.compare('lt', x, ops.f64(0));
  const outer = ops.select(negative, taken(ops, pi, twice, more), ops.add(twice, more));
  return ops.select(small, inner, outer);
}
