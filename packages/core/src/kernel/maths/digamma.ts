/**
 * The logarithmic derivative of the gamma function. From 2 on, log x - 1 / (2 x) - R(1 / x^2) / x^2
 * with the asymptotic series R made exact on that range; on [1, 2), (x - x0) Q(x - 3/2) with the
 * zero x0 as a pair; below 1, one step of the recurrence leads there. Coefficients are Chebyshev
 * interpolants found with 60 digits and rounded.
 */
import { ofOne } from '../lane/lane-function.ts';
import type { Node } from '../lane/node.ts';
import type { LaneOps } from '../lane/ops.ts';
import { type Precision, polynomial, twoSum } from './arithmetic.ts';
import {
  addPairs,
  addToConstant,
  choose,
  dividePairs,
  logarithmOf,
  multiplyPairs,
  negated,
  type Pair,
  rounded,
  single,
} from './pair.ts';
import { cotangentRest, fromNearest } from './reflection.ts';

/** x0 */
const zeroOfDigamma = [1.4616321449683622, 9.549995429965697e-17] as const;

/** Q(0) */
const middle = [0.9510558760318328, 4.291789483155865e-17] as const;

/** (Q(s) - Q(0)) / s for |s| <= 1/2; relative error of Q: 2^-61 and 2^-38. */
const around: { readonly [P in Precision]: readonly number[] } = {
  double: [
    -0.42362742128146047, 0.24054248424078736, -0.1484049230539176, 0.09498872445282941,
    -0.06192213327166048, 0.04076083394466743, -0.026975796844106104, 0.017907248194564285,
    -0.01190821517723242, 0.007927024095995664, -0.005280017742994707, 0.003518079727832621,
    -0.0023446509199406586, 0.0015635707279925708, -0.0010422556592276143, 0.0006899578152479277,
    -0.0004599895618396694, 0.00032685067107010726, -0.0002177903862765731, 9.165617262423659e-5,
    -6.128298352984555e-5, 0.00012236905736480932, -8.144895601999037e-5,
  ],
  single: [
    -0.4236274213718592, 0.2405424842970033, -0.14840490960353891, 0.09498871577755696,
    -0.061922709697971395, 0.04076121044627291, -0.026964966991167332, 0.0179001263436256,
    -0.012011726916509627, 0.007995399657101027, -0.0047591668022843705, 0.0031729069168602293,
    -0.0036238246543142893, 0.0024131285572483543,
  ],
};

/** R in 1 / x^2 for x >= 2; relative error of digamma: 2^-60 and 2^-38. */
const asymptotic: { readonly [P in Precision]: readonly number[] } = {
  double: [
    0.08333333333333333, -0.008333333333315434, 0.003968253959483249, -0.004166664932182195,
    0.007575572801253571, -0.02108050184061296, 0.0827731708691699, -0.42459119628698216,
    2.5733392274368727, -16.37603757525594, 98.54668524910292, -520.080986489023,
    2287.0342933289166, -8063.971515003743, 21990.507975149278, -44411.37917502028,
    62289.3294869333, -54024.413847764066, 21784.41258110331,
  ],
  single: [
    0.08333333330863305, -0.008333320573004753, 0.003967132745397908, -0.004127445216706638,
    0.00685510062337288, -0.012985680312076135, 0.01926072425196445, -0.014328304694261771,
  ],
};

/** digamma(x) for x > 0. */
function positive(ops: LaneOps, x: Node, precision: Precision): Pair {
  const one = ops.f64(1);
  const below = ops.compare('lt', x, one);
  const next = twoSum(ops, one, x);
  const u = choose(ops, below, { high: next.sum, low: next.error }, single(ops, x));
  const distance = {
    high: ops.sub(u.high, ops.f64(zeroOfDigamma[0])),
    low: ops.sub(u.low, ops.f64(zeroOfDigamma[1])),
  };
  const s = ops.sub(u.high, ops.f64(1.5));
  const rest = single(ops, ops.mul(s, polynomial(ops, s, around[precision])));
  const base = multiplyPairs(ops, distance, addToConstant(ops, middle, rest));
  const inverse = dividePairs(ops, single(ops, one), single(ops, x));
  const stepped = addPairs(ops, base, negated(ops, inverse));
  const small = choose(ops, below, stepped, base);

  const z = ops.mul(inverse.high, inverse.high);
  const series = ops.mul(z, polynomial(ops, z, asymptotic[precision]));
  const taken = ops.add(ops.mul(ops.f64(0.5), inverse.high), series);
  const logarithm = logarithmOf(ops, single(ops, x), precision);
  const large = addPairs(ops, logarithm, single(ops, ops.unary('neg', taken)));
  return choose(ops, ops.compare('ge', x, ops.f64(2)), large, small);
}

export function digamma(ops: LaneOps, x: Node, precision: Precision): Node {
  const inside = rounded(ops, positive(ops, x, precision));
  const infinite = ops.compare('eq', x, ops.f64(Number.POSITIVE_INFINITY));
  const usual = ops.select(infinite, x, inside);
  const y = ops.rare(ops.compare('lt', x, ops.f64(0)), usual, digammaNegative, [x]);
  const tiny = ops.compare('lt', ops.unary('abs', x), ops.f64(2 ** -60));
  return ops.select(tiny, ops.div(ops.f64(-1), x), y);
}

/** For x < 0, with a = -x: digamma(a) + 1 / a + pi cot(pi a); NaN at whole numbers. */
const digammaNegative = ofOne('digamma negative f64', 'f64', (ops, x) => {
  const a = ops.unary('neg', x);
  const r = fromNearest(ops, a);
  const one = single(ops, ops.f64(1));
  const sum = [
    dividePairs(ops, one, single(ops, a)),
    dividePairs(ops, one, single(ops, r)),
    single(ops, ops.unary('neg', cotangentRest(ops, r))),
  ].reduce((total, term) => addPairs(ops, total, term), positive(ops, a, 'double'));
  const pole = ops.compare('eq', r, ops.f64(0));
  return ops.select(pole, ops.f64(Number.NaN), rounded(ops, sum));
});
