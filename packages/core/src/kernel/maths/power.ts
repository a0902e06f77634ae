/**
 * x^y = e^(y log x). The exponent can be 700 with an error that must stay below 2^-55, so the
 * logarithm and the product are carried in two floats, with a relative error below 2^-65:
 * with s = (m - 1) / (m + 1) = head + rest, log(m) = 2 s + s (2/3 s^2 + s^4 T(s^2)), where the
 * large parts are products of numbers of at most 26 bits, which are exact.
 */
import type { Node } from '../lane/node.ts';
import type { LaneOps } from '../lane/ops.ts';
import {
  clamp,
  fastTwoSum,
  leading,
  type Precision,
  polynomial,
  scale,
  twoSum,
} from './arithmetic.ts';
import { exp, reduceExponent } from './exponential.ts';
import { log, splitAny } from './logarithm.ts';

const ln2High = 0.6931471803691238;
const ln2Low = 1.9082149292705877e-10;

/** (2 atanh(s) - 2 s - 2/3 s^3) / s^5 in s^2; error of the logarithm: 2^-73. */
const tail = [
  0.39999999999999974, 0.285714285714457, 0.2222222221739382, 0.18181818887800294,
  0.15384555679107031, 0.13336363238886842, 0.11673889052131754, 0.11996748805453618,
];

/** 26 leading bits of 2/3, and the rest. */
const twoThirds = { high: 0.6666666567325592, low: 9.934107462565104e-9 };

interface Pair {
  readonly high: Node;
  readonly low: Node;
}

/** log(x) of a positive x. */
export function logPair(ops: LaneOps, x: Node): Pair {
  const { k, m } = splitAny(ops, x);
  const f = ops.sub(m, ops.f64(1));
  const divisor = fastTwoSum(ops, ops.f64(2), f);
  const s = ops.div(f, divisor.sum);
  const head = leading(ops, s, 28);
  const front = leading(ops, divisor.sum, 27);
  const behind = ops.add(ops.sub(divisor.sum, front), divisor.error);
  const defect = ops.sub(ops.sub(f, ops.mul(head, front)), ops.mul(head, behind));
  const rest = ops.div(defect, divisor.sum);

  const square = ops.mul(head, head);
  const squareLow = ops.mul(rest, ops.add(ops.add(head, head), rest));
  const z = ops.add(square, squareLow);
  const zFront = leading(ops, z, 27);
  const zBehind = ops.add(ops.sub(square, zFront), squareLow);
  const factorHigh = ops.mul(zFront, ops.f64(twoThirds.high));
  const factorLow = ops.add(
    ops.add(
      ops.mul(zFront, ops.f64(twoThirds.low)),
      ops.mul(zBehind, ops.f64(twoThirds.high + twoThirds.low)),
    ),
    ops.mul(ops.mul(z, z), polynomial(ops, z, tail)),
  );
  const factor = ops.add(factorHigh, factorLow);
  const factorFront = leading(ops, factor, 27);
  const factorBehind = ops.add(ops.sub(factorHigh, factorFront), factorLow);

  const first = twoSum(ops, ops.mul(k, ops.f64(ln2High)), ops.add(head, head));
  const second = twoSum(ops, first.sum, ops.mul(head, factorFront));
  const small = [
    ops.mul(k, ops.f64(ln2Low)),
    ops.add(rest, rest),
    ops.mul(head, factorBehind),
    ops.mul(rest, factor),
    first.error,
    second.error,
  ].reduce((sum, term) => ops.add(sum, term));
  const { sum: high, error: low } = fastTwoSum(ops, second.sum, small);
  return { high, low };
}

/** x^y for finite x > 0, or not a number in what the ends correct. */
function powInside(ops: LaneOps, x: Node, y: Node): Node {
  const logarithm = logPair(ops, x);
  const yFront = leading(ops, y, 27);
  const yBehind = ops.sub(y, yFront);
  const front = leading(ops, logarithm.high, 27);
  const behind = ops.add(ops.sub(logarithm.high, front), logarithm.low);
  const product = ops.mul(yFront, front);
  const cross = ops.add(ops.mul(y, behind), ops.mul(yBehind, front));
  const { sum, error } = fastTwoSum(ops, product, cross);
  const inside = ops.compare('lt', ops.unary('abs', product), ops.f64(800));
  const exponent = ops.select(inside, sum, clamp(ops, product, -800, 800));
  const low = ops.select(inside, error, ops.f64(0));
  const { kBits, r, rest } = reduceExponent(ops, exponent, 'double', low);
  const one = fastTwoSum(ops, ops.f64(1), r);
  return scale(ops, ops.add(one.sum, ops.add(one.error, rest)), kBits);
}

export function pow(ops: LaneOps, x: Node, y: Node, precision: Precision): Node {
  const size = ops.unary('abs', x);
  const positive =
    precision === 'double'
      ? powInside(ops, size, y)
      : exp(ops, clamp(ops, ops.mul(y, log(ops, size, 'double')), -200, 200), 'single');
  return atEnds(ops, x, y, positive);
}

/** Values for zero, negative and infinite arguments, as the C standard has them. */
function atEnds(ops: LaneOps, x: Node, y: Node, positive: Node): Node {
  const zero = ops.f64(0);
  const one = ops.f64(1);
  const infinity = ops.f64(Number.POSITIVE_INFINITY);
  const size = ops.unary('abs', x);
  const ySize = ops.unary('abs', y);
  const rising = ops.compare('gt', y, zero);
  const either = (a: Node, b: Node): Node => ops.binary('or', a, b);
  const both = (a: Node, b: Node): Node => ops.binary('and', a, b);

  const outermost = either(ops.compare('eq', size, zero), ops.compare('eq', size, infinity));
  const grows = ops.compare('eq', rising, ops.compare('gt', size, one));
  const extreme = either(outermost, ops.compare('eq', ySize, infinity));
  const limit = ops.select(
    both(ops.compare('eq', size, one), ops.compare('eq', ySize, infinity)),
    one,
    ops.select(grows, infinity, zero),
  );
  const magnitude = ops.select(extreme, limit, positive);

  const whole = ops.compare('eq', ops.unary('trunc', y), y);
  const half = ops.mul(y, ops.f64(0.5));
  const odd = both(whole, ops.compare('ne', ops.unary('trunc', half), half));
  const signed = ops.select(odd, ops.binary('copysign', magnitude, x), magnitude);
  const root = both(
    both(ops.compare('lt', x, zero), ops.unary('not', whole)),
    ops.compare('ne', size, infinity),
  );
  const real = ops.select(root, ops.f64(Number.NaN), signed);

  const undefinedArgument = either(ops.compare('ne', x, x), ops.compare('ne', y, y));
  const value = ops.select(undefinedArgument, ops.add(x, y), real);
  const always = either(ops.compare('eq', y, zero), ops.compare('eq', x, one));
  return ops.select(always, one, value);
}
