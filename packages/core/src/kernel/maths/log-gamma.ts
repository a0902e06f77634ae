/**
 * log |gamma(x)|. From 5/2 on, (x - 1/2) log x - x + log(2 pi) / 2 + R(1 / x^2) / x, where R is
 * Stirling's series made exact on that range; around 2, a polynomial; below 3/2, one or two steps
 * of the recurrence lead there. The sums cancel, most of all near the zeros at 1 and 2, so they
 * are carried in pairs. Coefficients are Chebyshev interpolants found with 60 digits and rounded.
 */
import { ofOne } from '../lane/lane-function.ts';
import type { Node } from '../lane/node.ts';
import type { LaneOps } from '../lane/ops.ts';
import { type Precision, polynomial, twoSum } from './arithmetic.ts';
import {
  addPairs,
  addToConstant,
  choose,
  logarithmOf,
  multiplyPairs,
  negated,
  type Pair,
  rounded,
  single,
} from './pair.ts';
import { fromNearest, sineRatio } from './reflection.ts';

/** lgamma(2 + d) / d = 1 - gamma + d (..) for |d| <= 1/2: the first two coefficients as pairs. */
const first = [0.42278433509846713, 4.942915152430645e-18] as const;
const second = [0.3224670334241132, 1.5181227829452638e-17] as const;

/** The coefficients after these; relative error of lgamma: 2^-61 and 2^-37. */
const aroundTwo: { readonly [P in Precision]: readonly number[] } = {
  double: [
    -0.06735230105319814, 0.020580808427784567, -0.007385551028668127, 0.002890510330738814,
    -0.0011927539120022237, 0.0005096695248827626, -0.00022315475071839935, 9.945750914430779e-5,
    -4.492635143777862e-5, 2.05072669408602e-5, -9.438456285244822e-6, 4.374377919490337e-6,
    -2.0449304131137512e-6, 9.57855067893817e-7, -4.303325900431996e-7, 2.0307116496911418e-7,
    -1.3415012601773735e-7, 6.377054986332066e-8,
  ],
  single: [
    -0.06735230143650982, 0.02058080860216799, -0.007385533220295224, 0.002890502154654491,
    -0.00119305523088734, 0.0005098084611565464, -0.00022086711727816773, 9.839989858189134e-5,
    -5.279204010312643e-5, 2.4150150325368507e-5,
  ],
};

/** R in 1 / x^2 for x >= 5/2; relative error of lgamma: 2^-57 and 2^-36. */
const stirling: { readonly [P in Precision]: readonly number[] } = {
  double: [
    0.08333333333333333, -0.00277777777777564, 0.0007936507926348333, -0.0005952379017276589,
    0.0008417311910200954, -0.001916297778319263, 0.006358525005826485, -0.02799103774797968,
    0.14414777339657717, -0.7483470300025693, 3.424670686310555, -12.402130200931582,
    32.13704532652401, -52.042507814539974, 39.204387572400364,
  ],
  single: [
    0.0833333333211925, -0.002777772275503541, 0.0007932347495801555, -0.0005832642724071971,
    0.0006739540553488205, -0.0006237716207788851,
  ],
};

const halfLogTwoPi = [0.9189385332046728, -3.8782941580672414e-17] as const;
const logPi = [1.1447298858494002, 1.0265951162707826e-17] as const;

/** Arguments from here on overflow. */
const largest = 2.6e305;

/** lgamma(2 + d) for |d| <= 1/2. */
function nearTwo(ops: LaneOps, d: Node, precision: Precision): Pair {
  const rest = single(ops, ops.mul(d, polynomial(ops, d, aroundTwo[precision])));
  const inner = multiplyPairs(ops, single(ops, d), addToConstant(ops, second, rest));
  return multiplyPairs(ops, single(ops, d), addToConstant(ops, first, inner));
}

/** lgamma(x) for x > 0. */
function positive(ops: LaneOps, x: Node, precision: Precision): Pair {
  const one = ops.f64(1);
  const large = ops.compare('ge', x, ops.f64(2.5));
  const shifted = ops.compare('lt', x, ops.f64(1.5));
  const twice = ops.compare('lt', x, ops.f64(0.5));
  const next = twoSum(ops, one, x);
  const product = multiplyPairs(ops, single(ops, x), { high: next.sum, low: next.error });
  const argument = choose(ops, twice, product, single(ops, x));
  const logarithm = logarithmOf(ops, argument, precision);

  const d = ops.select(twice, x, ops.sub(x, ops.select(shifted, one, ops.f64(2))));
  const around = nearTwo(ops, d, precision);
  const below = addPairs(ops, around, negated(ops, logarithm));
  const small = choose(ops, shifted, below, around);

  const inverse = ops.div(one, x);
  const series = polynomial(ops, ops.mul(inverse, inverse), stirling[precision]);
  const less = twoSum(ops, logarithm.high, ops.f64(-1));
  const main = multiplyPairs(ops, single(ops, x), {
    high: less.sum,
    low: ops.add(less.error, logarithm.low),
  });
  const half = ops.f64(-0.5);
  const halved = { high: ops.mul(half, logarithm.high), low: ops.mul(half, logarithm.low) };
  const constant = { high: ops.f64(halfLogTwoPi[0]), low: ops.f64(halfLogTwoPi[1]) };
  const beyond = [halved, constant, single(ops, ops.mul(inverse, series))].reduce(
    (sum, term) => addPairs(ops, sum, term),
    main,
  );
  return choose(ops, large, beyond, small);
}

export function lgamma(ops: LaneOps, x: Node, precision: Precision): Node {
  const zero = ops.f64(0);
  const infinity = ops.f64(Number.POSITIVE_INFINITY);
  const inside = rounded(ops, positive(ops, x, precision));
  const bounded = ops.select(ops.compare('ge', x, ops.f64(largest)), infinity, inside);
  const usual = ops.select(ops.compare('eq', x, zero), infinity, bounded);
  return ops.rare(ops.compare('lt', x, zero), usual, lgammaNegative, [x]);
}

/**
 * For x < 0, with a = -x and r its distance from the nearest whole number,
 * log(pi / (a sin(pi r))) - lgamma(a); the product is taken apart, as it may underflow.
 */
const lgammaNegative = ofOne('lgamma negative f64', 'f64', (ops, x) => {
  const a = ops.unary('neg', x);
  const r = ops.unary('abs', fromNearest(ops, a));
  const terms = [a, r, sineRatio(ops, r)].map((factor) =>
    logarithmOf(ops, single(ops, factor), 'double'),
  );
  const constant = { high: ops.f64(logPi[0]), low: ops.f64(logPi[1]) };
  const y = [...terms, positive(ops, a, 'double')].reduce(
    (sum, term) => addPairs(ops, sum, negated(ops, term)),
    constant,
  );
  const infinity = ops.f64(Number.POSITIVE_INFINITY);
  const pole = ops.binary('or', ops.compare('eq', r, ops.f64(0)), ops.compare('eq', a, infinity));
  return ops.select(pole, infinity, rounded(ops, y));
});
