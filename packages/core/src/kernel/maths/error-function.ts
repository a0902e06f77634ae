/**
 * The error function and its kin. Below 1/2, erf(x) is an odd polynomial. Beyond,
 * erfc(x) = e^(-x^2) G(t) / (1 + 2 x), where G is smooth and near 1 in t = (x - K) / (x + K) for
 * all x >= 0 (Shepherd and Laframboise, Chebyshev approximation of (1 + 2x) exp(x^2) erfc x,
 * Mathematics of Computation 36 (1981) 249-253). Coefficients are Chebyshev interpolants of our
 * own, found with 60 digits and rounded.
 */
import type { Node } from '../lane/node.ts';
import type { LaneOps } from '../lane/ops.ts';
import { clamp, fastTwoSum, type Precision, polynomial, scale, twoSum } from './arithmetic.ts';
import { exp, reduceExponent } from './exponential.ts';
import { log } from './logarithm.ts';
import {
  addToConstant,
  dividePairs,
  multiplyPairs,
  type Pair,
  rounded,
  twoProduct,
} from './pair.ts';

/** erf(x) / x - 1 in x^2 for |x| <= 1/2; relative error of erf: 2^-56 and 2^-36. */
const erfTail: { readonly [P in Precision]: readonly number[] } = {
  double: [
    0.1283791670955126, -0.3761263890318375, 0.1128379167095487, -0.02686617064499972,
    0.0052239776220169365, -0.0008548326510724796, 0.00012055286202005714, -1.4923003368152099e-5,
    1.637123442577e-6, -1.462091340945175e-7,
  ],
  single: [
    0.12837916708240948, -0.37612638525650693, 0.11283774013179539, -0.026863143032249386,
    0.005200413724335493, -0.0007694534279142308,
  ],
};

/** K in t = (x - K) / (x + K). */
const center = 2.625;

/** G(0) as a pair. */
const middle = [1.2617972159126063, 1.3654938603931403e-17] as const;

/** (G(t) - G(0)) / t for 0.24 <= x <= 28; error of G: 2^-60 and 2^-36. */
const scaledTail: { readonly [P in Precision]: readonly number[] } = {
  double: [
    -0.1268363339971163, -0.08465534302717735, 0.15172086207708868, -0.10967904551079097,
    0.04290919436711799, -0.004410225698874908, -0.00396143808447025, 0.0013359821605046813,
    0.0004114919693515567, -0.00023185051865466828, -6.639200545439522e-5, 3.7753057637590714e-5,
    1.535032984512741e-5, -5.34092458648098e-6, -3.920493095334564e-6, 3.4849802108350014e-7,
    9.236133227678893e-7, 1.536623445077251e-7, -1.748873907294495e-7, -8.340740531991233e-8,
    2.1711940725037327e-8, 2.2228451029372205e-8, -1.0524381006449738e-9, -2.8850924005272225e-9,
  ],
  single: [
    -0.12683633414301204, -0.08465534294771494, 0.1517208700045065, -0.10967904852621005,
    0.042909068891550634, -0.004410185612766784, -0.003960554319972123, 0.0013357324485244392,
    0.00040824975391335965, -0.00023103184862410887, -5.984436283865823e-5, 3.630697076921951e-5,
    8.166904258845261e-6, -4.072006037482632e-6,
  ],
};

/** erf(x) for |x| <= 1/2. */
function erfNear(ops: LaneOps, x: Node, precision: Precision): Pair {
  const rest = ops.mul(x, polynomial(ops, ops.mul(x, x), erfTail[precision]));
  const { sum, error } = fastTwoSum(ops, x, rest);
  return { high: sum, low: error };
}

/** erfc(x) for x >= 0.24. */
function erfcFar(ops: LaneOps, x: Node, precision: Precision): Pair {
  const bounded = clamp(ops, x, 0, 28);
  const fixed = ops.f64(center);
  const t = ops.div(ops.sub(bounded, fixed), ops.add(bounded, fixed));
  const rest = ops.mul(t, polynomial(ops, t, scaledTail[precision]));
  const one = ops.f64(1);
  const divisor = twoSum(ops, one, ops.add(bounded, bounded));
  const square = twoProduct(ops, bounded, bounded);
  const power = ops.unary('neg', square.high);
  if (precision === 'single') {
    const smooth = ops.add(ops.f64(middle[0]), rest);
    const product = ops.mul(exp(ops, power, precision), smooth);
    return { high: ops.div(product, divisor.sum), low: ops.f64(0) };
  }
  const smooth = addToConstant(ops, middle, { high: rest, low: ops.f64(0) });
  const exponent = reduceExponent(ops, power, precision, ops.unary('neg', square.low));
  const mantissa = fastTwoSum(ops, one, exponent.r);
  const decay = { high: mantissa.sum, low: ops.add(mantissa.error, exponent.rest) };
  const quotient = dividePairs(ops, multiplyPairs(ops, decay, smooth), {
    high: divisor.sum,
    low: divisor.error,
  });
  const { sum, error } = fastTwoSum(ops, quotient.high, quotient.low);
  return { high: scale(ops, sum, exponent.kBits), low: scale(ops, error, exponent.kBits) };
}

export function erf(ops: LaneOps, x: Node): Node {
  const size = ops.unary('abs', x);
  const far = ops.sub(ops.f64(1), erfcFar(ops, size, 'double').high);
  const near = ops.compare('lt', size, ops.f64(0.5));
  const y = ops.select(near, rounded(ops, erfNear(ops, x, 'double')), far);
  return ops.binary('copysign', y, x);
}

export function erfc(ops: LaneOps, x: Node, precision: Precision): Node {
  const size = ops.unary('abs', x);
  const far = erfcFar(ops, size, precision).high;
  const reflected = ops.sub(ops.f64(2), far);
  const inner = erfNear(ops, x, precision);
  const near = ops.sub(ops.sub(ops.f64(1), inner.high), inner.low);
  const outer = ops.select(ops.compare('lt', x, ops.f64(0)), reflected, far);
  return ops.select(ops.compare('lt', size, ops.f64(0.25)), near, outer);
}

/**
 * erfinv(x) / x in w = -log(1 - x^2) below 4, and in sqrt(w) - 3 beyond; relative error 2^-21. The
 * variables are those of Giles, Approximating the erfinv function (GPU Computing Gems, 2011).
 */
const start = {
  central: [
    0.8862270584423, 0.2320106030302132, 0.011557598996848504, -0.0023354509346009892,
    -0.00014307851261937006, 6.222478162109949e-5, -4.4027860696749995e-6,
  ],
  tail: [
    2.8329780319555358, 1.0016769266323962, 0.009416475060485353, -0.007650329119589444,
    0.0058039129869243145, -0.0035924099736508496, 0.001313481494003859, -2.801892804802729e-5,
    -0.00021145006815399502, 9.514223519067698e-5, -1.81560095390125e-5, 1.3380742469130203e-6,
  ],
};

const halfRootPi = 0.886226925452758;

/** An approximation and one step of Halley's method, which triples its digits. */
export function erfinv(ops: LaneOps, x: Node): Node {
  const one = ops.f64(1);
  const size = ops.unary('abs', x);
  const complement = ops.sub(one, size);
  const w = ops.unary('neg', log(ops, ops.mul(complement, ops.add(one, size)), 'single'));
  const central = polynomial(ops, w, start.central);
  const tail = polynomial(ops, ops.sub(ops.unary('sqrt', w), ops.f64(3)), start.tail);
  const factor = ops.select(ops.compare('lt', w, ops.f64(4)), central, tail);
  const guess = ops.mul(size, factor);

  const inner = erfNear(ops, guess, 'double');
  const outer = erfcFar(ops, guess, 'double');
  const near = ops.add(ops.sub(inner.high, size), inner.low);
  const far = ops.sub(ops.sub(complement, outer.high), outer.low);
  const excess = ops.select(ops.compare('lt', size, ops.f64(0.5)), near, far);
  const slope = exp(ops, ops.unary('neg', ops.mul(guess, guess)), 'double');
  const newton = ops.div(ops.mul(excess, ops.f64(halfRootPi)), slope);
  const step = ops.div(newton, ops.add(one, ops.mul(guess, newton)));
  const tiny = ops.mul(size, ops.f64(halfRootPi));
  const inside = ops.select(ops.compare('lt', size, ops.f64(2 ** -30)), tiny, ops.sub(guess, step));
  const atEnd = ops.compare('eq', size, one);
  const y = ops.select(atEnd, ops.f64(Number.POSITIVE_INFINITY), inside);
  const outside = ops.compare('gt', size, one);
  return ops.select(outside, ops.f64(Number.NaN), ops.binary('copysign', y, x));
}
