/**
 * The regularised incomplete gamma functions and their derivatives in a of any order, by arithmetic
 * on power series in a (`jet.ts`): every method below is carried out for the function and its
 * derivatives at once.
 *
 * With D = x^a e^-x / gamma(1 + a), computed without cancellation from a logarithm in twice the
 * precision:
 * - below the mean, x < a + 1: lower = D (1 + x / (a + 1) (1 + x / (a + 2) (...)));
 * - above: upper = a D / (x + 1 - a - 1 (1 - a) / (x + 3 - a - 2 (2 - a) / (...))), by the method of
 *   Steed, which adds up the differences of its convergents;
 * - upper for small a and x, where it is 1 less almost 1: the logarithm of x^a / gamma(1 + a), with
 *   expm1, and the alternating series of what is left.
 *
 * Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 6.5.29 and 6.5.31; Barnett, Feng,
 * Steed and Goldfarb, Coulomb wave functions for all real eta and rho, Computer Physics
 * Communications 8 (1974) 377-395.
 */

import type { Expr } from '../kernel/expr.ts';
import * as maths from '../kernel/maths/functions.ts';
import { binary, compare, math, select, unary } from '../kernel/scalars.ts';
import { allocate } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import {
  div as divide,
  mul as multiply,
  neg as negate,
  sub as subtract,
  add as sum,
  tangentMul,
} from './arithmetic.ts';
import { filledLike } from './create.ts';
import { type CallablePrimitive, definePrimitive, type Sample } from './define.ts';
import { alignBatch, elementwiseType } from './elementwise.ts';
import { forLaws, type Laws } from './for-laws.ts';
import { type Jet, Jets } from './jet.ts';
import {
  add,
  div,
  expOfMinus,
  expressions,
  logRatio,
  minus,
  mul,
  neg,
  num,
  type Pair,
  pair,
  polynomial,
  sub,
  times,
  twoProduct,
  twoSum,
} from './kernel-pair.ts';
import { accumulate, eachElement } from './kernel-series.ts';
import type { NestBuilder } from './nest-builder.ts';
import { incompleteGammaReference } from './reference-incomplete.ts';
import { logGammaSlopes, scaledGamma } from './scaled-gamma.ts';

export interface IncompleteGammaParams {
  /** The distribution function of a gamma variable, what is left of 1, or its density. */
  readonly of: 'lower' | 'upper' | 'density';
  /** How often it is differentiated in a. */
  readonly order: number;
}

const zero = num(0);
const one = num(1);
const two = num(2);
const infinity = num(Number.POSITIVE_INFINITY);
const both = (x: Expr, y: Expr): Expr => binary('and', x, y);

/** x - a - a log(x / a), which is not negative. */
function exponentOf(a: Expr, x: Expr): Pair {
  return minus(twoSum(x, neg(a)), times(pair(a), logRatio(pair(x), pair(a))));
}

/** x^a e^-x / gamma(1 + a) for a, x > 0. */
function prefactor(k: NestBuilder, a: Expr, x: Expr): Expr {
  const exponent = exponentOf(a, x);
  const scale = scaledGamma(k, a);
  return div(expOfMinus(exponent), scale);
}

/** Lower for x < a + 1. */
function lowerSeries(k: NestBuilder, jets: Jets<Expr>, a: Expr, x: Expr): Jet<Expr> {
  const start = jets.constant(one);
  return accumulate(
    k,
    { sum: start, term: start },
    (step, term) => {
      const ratio = jets.inverse(jets.linear(add(a, step), one, { first: true }));
      return { term: jets.mul(jets.scale(term, x), ratio) };
    },
    jets,
  );
}

/** The continued fraction of upper. */
function upperFraction(k: NestBuilder, jets: Jets<Expr>, a: Expr, x: Expr): Jet<Expr> {
  const minusA = { first: true };
  const start = jets.inverse(jets.linear(sub(add(x, one), a), num(-1), minusA));
  return accumulate(
    k,
    { sum: start, term: start, extra: start },
    (step, term, last) => {
      // The n-th numerator is -n (n - a), the denominator x + 2 n + 1 - a.
      const numerator = jets.linear(mul(step, sub(a, step)), step, { first: true });
      const denominator = jets.linear(add(x, sub(add(add(step, step), one), a)), num(-1), minusA);
      const next = jets.inverse(jets.add(denominator, jets.mul(numerator, last)));
      const ratio = jets.scale(jets.mul(jets.mul(numerator, last), next), num(-1));
      return { term: jets.mul(term, ratio), extra: next };
    },
    jets,
  );
}

/** Upper for small a and x: 1 - x^a / gamma(1 + a) and an alternating series. */
function upperNearOne(k: NestBuilder, jets: Jets<Expr>, a: Expr, x: Expr): Jet<Expr> {
  const whole = add(one, a);
  const lost = sub(a, sub(whole, one));
  const logGamma = add(math(maths.lgamma, whole), mul(math(maths.digamma, whole), lost));
  const exponent = sub(mul(a, math(maths.log, x)), logGamma);
  const power = jets.exp(logPower(jets, a, x), math(maths.exp, exponent));
  const term = k.local('float64', x);
  const first = jets.scale(jets.inverse(jets.linear(whole, one, { first: true })), x);
  const rest = accumulate(
    k,
    { sum: first, term: first },
    (step) => {
      const n = add(step, one);
      term.set(mul(term.get(), neg(div(x, n))));
      const inverse = jets.inverse(jets.linear(add(a, n), one, { first: true }));
      return { term: jets.scale(inverse, term.get()) };
    },
    jets,
  );
  const scaled = jets.mul(jets.mul(power, jets.linear(a, one, { first: true })), rest);
  const complement = power.map((c, at) =>
    at === 0 ? neg(math(maths.expm1, exponent)) : c && neg(c),
  );
  return jets.add(complement, scaled);
}

/** Coefficients in eta of the first term of Temme's expansion, and the constant of the second. */
const temme = [-1 / 3, 1 / 12, -2 / 135, 1 / 864, 1 / 2835, -139 / 777600];
const temmeSecond = -1 / 540;

/**
 * Upper and lower for a huge a and x near it: with half a eta^2 the exponent of the prefactor,
 * erfc(eta sqrt(a / 2)) / 2 and a correction.
 *
 * Temme, The asymptotic expansion of the incomplete gamma functions, SIAM Journal on Mathematical
 * Analysis 10 (1979) 757-766.
 */
function nearHugeMean(k: NestBuilder, a: Expr, x: Expr): { lower: Expr; upper: Expr } {
  const exponent = exponentOf(a, x);
  const half = k.local('float64', binary('max', exponent[0], zero));
  const root = k.local('float64', unary('sqrt', half.get()));
  const square = twoProduct(root.get(), root.get());
  const lost = add(sub(sub(half.get(), square[0]), square[1]), exponent[1]);
  const decay = k.local('float64', math(maths.exp, neg(half.get())));
  const slope = mul(decay.get(), num(-1 / Math.sqrt(Math.PI)));
  const shift = select(
    compare('gt', root.get(), zero),
    div(mul(slope, lost), mul(two, root.get())),
    zero,
  );
  const tail = k.local('float64', add(mul(num(0.5), math(maths.erfc, root.get())), shift));
  const above = compare('gt', x, a);
  const eta = mul(root.get(), unary('sqrt', div(two, a)));
  const signed = select(above, eta, neg(eta));
  const series = add(polynomial(signed, temme), div(num(temmeSecond), a));
  const correction = k.local(
    'float64',
    div(mul(decay.get(), series), unary('sqrt', mul(a, num(2 * Math.PI)))),
  );
  const near = select(above, tail.get(), sub(one, tail.get()));
  const far = select(above, sub(one, tail.get()), tail.get());
  return { upper: add(near, correction.get()), lower: sub(far, correction.get()) };
}

/** The slopes in a of log(x^a / gamma(1 + a)), without its value. */
function logPower(jets: Jets<Expr>, a: Expr, x: Expr): Jet<Expr> {
  const slopes = logGammaSlopes(add(a, one), jets.size - 1);
  return [
    undefined,
    ...slopes.map((slope, i) => (i === 0 ? sub(math(maths.log, x), slope) : neg(slope))),
  ];
}

/** The function where 0 < a, x < infinity. */
function inside(k: NestBuilder, a: Expr, x: Expr, params: IncompleteGammaParams): Expr {
  const { of, order } = params;
  const jets = new Jets(expressions, order);
  const value = k.local('float64', zero);
  const factor = k.local('float64', prefactor(k, a, x));
  const power = jets.exp(logPower(jets, a, x), factor.get());
  const ofA = jets.linear(a, one, { first: true });
  const finish = (jet: Jet<Expr>, is: 'lower' | 'upper' | 'density'): void => {
    const sign = is === of || of === 'density' ? jet : jets.scale(jet, num(-1));
    const top = jets.derivative(sign);
    value.set(is === of || order > 0 ? top : add(one, top));
  };
  if (of === 'density') {
    finish(jets.scale(jets.mul(power, ofA), div(one, x)), 'density');
    return value.get();
  }
  const fraction = (): void =>
    finish(jets.mul(jets.mul(power, ofA), upperFraction(k, jets, a, x)), 'upper');
  const series = (): void => finish(jets.mul(power, lowerSeries(k, jets, a, x)), 'lower');
  const isSmall = compare('lt', a, num(0.5));
  const above = binary('or', isSmall, compare('ge', x, add(a, one)));
  const usual = (): void =>
    k.choose(both(compare('ge', x, one), above), fraction, () => {
      if (of === 'lower') series();
      else k.choose(isSmall, () => finish(upperNearOne(k, jets, a, x), 'upper'), series);
    });
  if (order > 0) {
    usual();
  } else {
    const near = compare('lt', unary('abs', sub(x, a)), mul(a, num(0.01)));
    const isHuge = both(compare('gt', a, num(1e9)), near);
    k.choose(isHuge, () => value.set(nearHugeMean(k, a, x)[of]), usual);
  }
  return value.get();
}

/** The function at the ends of the ranges, and NaN outside. */
function atEnds(a: Expr, x: Expr, { of, order }: IncompleteGammaParams): Expr {
  const nan = num(Number.NaN);
  const isZero = (t: Expr): Expr => compare('eq', t, zero);
  const isInfinite = (t: Expr): Expr => compare('eq', t, infinity);
  const inRange = both(
    both(compare('ge', a, zero), compare('ge', x, zero)),
    unary('not', binary('or', both(isZero(a), isZero(x)), both(isInfinite(a), isInfinite(x)))),
  );
  if (of === 'density') {
    const atZero = select(
      compare('lt', a, one),
      infinity,
      select(compare('gt', a, one), zero, one),
    );
    const density = select(both(isZero(x), compare('lt', a, infinity)), atZero, zero);
    return select(inRange, order === 0 ? density : zero, nan);
  }
  const lower = binary('or', isZero(a), isInfinite(x));
  const [all, none] = of === 'lower' ? [one, zero] : [zero, one];
  return select(inRange, order === 0 ? select(lower, all, none) : zero, nan);
}

type Points = readonly (readonly [number, number])[];

const points: Points = [
  [4.5, 2],
  [3, 7.5],
];
const more: Points = [
  [0.3, 0.2],
  [1e-3, 0.4],
  [0.1, 1.3],
  [17, 18],
  [20, 45],
];

function pointsOf(values: Points): Sample<object>['operands'] {
  return [0, 1].map((i) => ({
    shape: [values.length],
    values: values.map((point) => point[i] ?? 0),
  }));
}

const inf = Number.POSITIVE_INFINITY;
const ends = [0, 1, 2, 0.5, inf, Number.NaN, -1];

function samplesOf(params: IncompleteGammaParams): Sample<IncompleteGammaParams>[] {
  return [
    { title: 'below and above the mean', operands: pointsOf(points) },
    { title: 'more points', operands: pointsOf(more), smooth: false },
    {
      title: 'ends of the ranges',
      operands: [
        { shape: [ends.length ** 2], values: ends.flatMap((a) => ends.map(() => a)) },
        { shape: [ends.length ** 2], values: ends.flatMap(() => ends) },
      ],
      smooth: false,
    },
  ].map((sample) => ({ ...sample, title: `${params.of}, ${sample.title}`, params }));
}

/**
 * The regularised incomplete gamma functions of a > 0 and x >= 0: the integral of the density
 * t^(a - 1) e^-t / gamma(a) from 0 to x or from x on, or this density at x; differentiated in a as
 * often as `order` says.
 */
export const incompleteGamma: CallablePrimitive<2, IncompleteGammaParams> = definePrimitive({
  name: 'incompleteGamma',
  arity: 2,
  type: (operands, _: IncompleteGammaParams) =>
    elementwiseType({ name: 'incompleteGamma', accepts: 'float' }, operands),
  linearize: ([a, x], params) => {
    const { of, order } = params;
    const inA = incompleteGamma(a, x, { of, order: order + 1 });
    const inX = slopeInX(a, x, params);
    return [
      incompleteGamma(a, x, params),
      (da) => tangentMul(inA, da),
      (dx) => tangentMul(inX, dx),
    ];
  },
  vmap: (operands, batched, params) => {
    const [a, x] = alignBatch(operands, batched);
    if (!a || !x) throw new Error('unreachable');
    return incompleteGamma(a, x, params);
  },
  lower: eachElement((k, [a = zero, x = zero], params) => {
    const value = k.local('float64', atEnds(a, x, params));
    const positive = both(compare('gt', a, zero), compare('gt', x, zero));
    const finite = both(compare('lt', a, infinity), compare('lt', x, infinity));
    k.choose(both(positive, finite), () => {
      // Only the quotient of huge numbers matters, and pairs of floats must not overflow.
      const huge = num(1e100);
      const isHuge = compare('gt', a, huge);
      const shape = k.local('float64', binary('min', a, huge));
      const place = k.local('float64', select(isHuge, mul(div(x, a), huge), x));
      const kept = binary('min', place.get(), num(1e200));
      place.set(kept);
      value.set(inside(k, shape.get(), place.get(), params));
    });
    return value.get();
  }),
});

/** What the laws hold `incompleteGamma` to. */
export const incompleteGammaLaws: Laws = forLaws<2, IncompleteGammaParams>(incompleteGamma, {
  reference: ([a, x], result, { of, order }) => {
    const data = allocate(result.dtype, a.data.length);
    a.data.forEach((value, i) => {
      data[i] = incompleteGammaReference(of, order, value, x.data[i] ?? Number.NaN);
    });
    return data;
  },
  samples: () => [
    ...samplesOf({ of: 'lower', order: 0 }),
    ...samplesOf({ of: 'upper', order: 0 }),
    ...samplesOf({ of: 'density', order: 0 }),
    ...[[0], [1]].map((shape) => ({
      title: `shape [${shape}]`,
      operands: [
        { shape, from: 0.4, to: 6 },
        { shape, from: 0.3, to: 8 },
      ],
      params: { of: 'upper', order: 1 } as const,
    })),
  ],
});

/** The derivative in x: a density, or by the product rule. */
function slopeInX(a: Tensor, x: Tensor, { of, order }: IncompleteGammaParams): Tensor {
  const density = incompleteGamma(a, x, { of: 'density', order });
  if (of === 'lower') return density;
  if (of === 'upper') return negate(density);
  const rate = subtract(divide(subtract(a, filledLike(a, 1)), x), filledLike(x, 1));
  const main = multiply(density, rate);
  if (order === 0) return main;
  const before = incompleteGamma(a, x, { of: 'density', order: order - 1 });
  return sum(main, divide(multiply(before, filledLike(a, order)), x));
}
