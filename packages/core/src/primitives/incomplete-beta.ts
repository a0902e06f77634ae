/**
 * The regularised incomplete beta function and its derivatives in a and b of any order, by
 * arithmetic on power series in a and b (`jet.ts`).
 *
 * With D = x^a (1 - x)^b gamma(1 + a + b) / (gamma(1 + a) gamma(1 + b)), computed without
 * cancellation from a logarithm in twice the precision, the integral up to x is
 * b / (a + b) D / (1 + d1 / (1 + d2 / (...))) by the method of Steed. The fraction converges fast
 * below the mean; above it, the integral is 1 less that of 1 - x with a and b exchanged.
 *
 * NIST Handbook of Mathematical Functions (2010), 8.17.4 and 8.17.22; Barnett, Feng, Steed and
 * Goldfarb, Coulomb wave functions for all real eta and rho, Computer Physics Communications 8 (1974)
 * 377-395.
 */

import type { Expr } from '../kernel/expr.ts';
import * as maths from '../kernel/maths/functions.ts';
import { binary, compare, math, select, unary } from '../kernel/scalars.ts';
import { allocate } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import {
  div as divide,
  mul as multiply,
  sub as subtract,
  add as sum,
  tangentMul,
} from './arithmetic.ts';
import { filledLike } from './create.ts';
import { type CallablePrimitive, definePrimitive, type Sample } from './define.ts';
import { alignBatch, elementwiseType } from './elementwise.ts';
import { forLaws, type Laws } from './for-laws.ts';
import { factorial, type Jet, Jets } from './jet.ts';
import {
  add,
  div,
  expOfMinus,
  expressions,
  logRatio,
  mul,
  neg,
  num,
  type Pair,
  pair,
  plus,
  sub,
  times,
  twoSum,
} from './kernel-pair.ts';
import { accumulate, eachElement } from './kernel-series.ts';
import type { NestBuilder } from './nest-builder.ts';
import { incompleteBetaReference } from './reference-incomplete.ts';
import { logGammaRatio, logGammaSlopes, scaledGamma } from './scaled-gamma.ts';

export interface IncompleteBetaParams {
  /** The distribution function of a beta variable, or its density. */
  readonly of: 'integral' | 'density';
  /** How often it is differentiated in a. */
  readonly inA: number;
  /** How often it is differentiated in b. */
  readonly inB: number;
}

const zero = num(0);
const one = num(1);
const infinity = num(Number.POSITIVE_INFINITY);
const both = (x: Expr, y: Expr): Expr => binary('and', x, y);
const either = (x: Expr, y: Expr): Expr => binary('or', x, y);

/** One of the two parameters, and what goes with it. */
interface Side {
  readonly parameter: Expr;
  /** The power of this is the parameter: x or 1 - x. */
  readonly base: Pair;
  /** Which variable of the series it is. */
  readonly variable: 'first' | 'second';
}

/** x^a (1 - x)^b gamma(1 + a + b) / (gamma(1 + a) gamma(1 + b)), where each is positive. */
function prefactor(k: NestBuilder, a: Expr, b: Expr, x: Expr, rest: Pair): Expr {
  const total = twoSum(a, b);
  const ofA = times(pair(a), logRatio(pair(a), times(total, pair(x))));
  const ofB = times(pair(b), logRatio(pair(b), times(total, rest)));
  const exponent = plus(ofA, ofB);
  const local = [k.local('float64', exponent[0]), k.local('float64', exponent[1])] as const;
  const scale = scaledGamma(k, total[0]);
  const scaleA = scaledGamma(k, a);
  const scaleB = scaledGamma(k, b);
  return mul(expOfMinus([local[0].get(), local[1].get()]), div(div(scale, scaleA), scaleB));
}

/** The slopes of the logarithm of the prefactor, without its value. */
function logSlopes(params: IncompleteBetaParams, jets: Jets<Expr>, a: Side, b: Side): Jet<Expr> {
  const { inA, inB } = params;
  const after = (t: Expr): Expr => add(t, one);
  return slopesOf(
    jets,
    [inA, inB],
    logGammaSlopes(after(add(a.parameter, b.parameter)), inA + inB),
    logGammaSlopes(after(a.parameter), inA),
    logGammaSlopes(after(b.parameter), inB),
    [math(maths.log, a.base[0]), math(maths.log, b.base[0])],
  );
}

/** Slopes of t(a + b) - f(a) - g(b) + a log p + b log q, from those of t, f and g. */
function slopesOf(
  jets: Jets<Expr>,
  [inA, inB]: readonly [number, number],
  ofTotal: readonly Expr[],
  ofA: readonly Expr[],
  ofB: readonly Expr[],
  logs: readonly [Expr | undefined, Expr | undefined],
): Jet<Expr> {
  const h = new Array<Expr | undefined>(jets.size).fill(undefined);
  for (let i = 0; i <= inA; i++) {
    for (let j = 0; j <= inB; j++) {
      const at = jets.place(i, j);
      const slope = ofTotal[i + j - 1];
      if (at === undefined || slope === undefined) continue;
      const mixed = factorial(i + j) / (factorial(i) * factorial(j));
      const own = j === 0 ? ofA[i - 1] : i === 0 ? ofB[j - 1] : undefined;
      const power = i + j === 1 ? logs[j === 0 ? 0 : 1] : undefined;
      const difference = own ? sub(slope, own) : mul(slope, num(mixed));
      h[at] = power ? add(difference, power) : difference;
    }
  }
  return h;
}

/**
 * The continued fraction for the integral over the base of the first side. Its first denominator,
 * (a + 1 - (a + b) x) / (a + 1), is small near the mean, and made from pairs.
 */
function fraction(k: NestBuilder, jets: Jets<Expr>, a: Side, b: Side): Jet<Expr> {
  const x = a.base[0];
  const only = { [a.variable]: true };
  const plusA = (n: Expr): Jet<Expr> => jets.linear(add(a.parameter, n), one, only);
  const plusTotal = (n: Expr): Jet<Expr> =>
    jets.linear(add(add(a.parameter, b.parameter), n), one, { first: true, second: true });
  const step = (numerator: Jet<Expr>, term: Jet<Expr>, last: Jet<Expr>) => {
    const next = jets.inverse(jets.add(jets.constant(one), jets.mul(numerator, last)));
    const ratio = jets.scale(jets.mul(jets.mul(numerator, last), next), num(-1));
    return { term: jets.mul(term, ratio), last: next };
  };
  const mean = times(twoSum(a.parameter, b.parameter), a.base);
  const gap = plus(twoSum(a.parameter, one), [neg(mean[0]), neg(mean[1])]);
  const sameSide = jets.linear(add(gap[0], gap[1]), sub(one, x), only);
  const otherSide = jets.linear(zero, neg(x), { [b.variable]: true });
  const inverse = jets.inverse(jets.add(sameSide, otherSide.with(0, undefined)));
  const first = jets.mul(jets.scale(plusTotal(zero), x), inverse);
  return accumulate(
    k,
    {
      sum: jets.add(jets.constant(one), first),
      term: first,
      extra: jets.mul(plusA(one), inverse),
    },
    (m, term, last) => {
      // Numerators 2 m and 2 m + 1, for m = 1, 2, ...
      const twice = add(m, m);
      const middle = plusA(twice);
      const left = jets.linear(mul(m, sub(b.parameter, m)), m, { [b.variable]: true });
      const even = jets.mul(
        jets.scale(left, x),
        jets.inverse(jets.mul(plusA(sub(twice, one)), middle)),
      );
      const odd = jets.mul(
        jets.scale(jets.mul(plusA(m), plusTotal(m)), neg(x)),
        jets.inverse(jets.mul(middle, plusA(add(twice, one)))),
      );
      const second = step(even, term, last);
      const third = step(odd, second.term, second.last);
      return {
        term: third.term,
        added: jets.add(second.term, third.term),
        extra: third.last,
      };
    },
    jets,
  );
}

/**
 * The integral up to x above the mean for a small b, where it is 1 less almost 1. With y = 1 - x,
 * e^h = y^b gamma(a + b) / (gamma(a) gamma(1 + b)) and an alternating series S it is
 * 1 - e^h (1 + b S).
 */
function nearOne(
  k: NestBuilder,
  jets: Jets<Expr>,
  a: Expr,
  b: Expr,
  y: Expr,
  { inA, inB }: IncompleteBetaParams,
): Jet<Expr> {
  const whole = add(one, b);
  const lost = sub(b, sub(whole, one));
  const logGamma = add(math(maths.lgamma, whole), mul(math(maths.digamma, whole), lost));
  const ratio = k.local('float64', logGammaRatio(k, a, b));
  const exponent = add(mul(b, math(maths.log, y)), sub(ratio.get(), logGamma));
  const h = slopesOf(
    jets,
    [inA, inB],
    logGammaSlopes(add(a, b), inA + inB),
    logGammaSlopes(a, inA),
    logGammaSlopes(whole, inB),
    [undefined, math(maths.log, y)],
  );
  const power = jets.exp(h, math(maths.exp, exponent));
  const over = (n: Expr): Jet<Expr> => jets.inverse(jets.linear(add(b, n), one, { second: true }));
  const factor = (n: Expr): Jet<Expr> =>
    jets.scale(jets.linear(sub(n, a), num(-1), { first: true }), div(y, n));
  const start = factor(one);
  const first = jets.mul(start, over(one));
  const series = accumulate(
    k,
    { sum: first, term: first, extra: start },
    (step, _, last) => {
      const n = add(step, one);
      const product = jets.mul(last, factor(n));
      return { term: jets.mul(product, over(n)), extra: product };
    },
    jets,
  );
  const rest = jets.mul(jets.mul(power, jets.linear(b, one, { second: true })), series);
  const complement = power.map((c, at) =>
    at === 0 ? neg(math(maths.expm1, exponent)) : c && neg(c),
  );
  return jets.add(complement, jets.scale(rest, num(-1)));
}

/** The function where 0 < x < 1 and 0 < a, b < infinity. */
function inside(k: NestBuilder, a: Expr, b: Expr, x: Expr, params: IncompleteBetaParams): Expr {
  const jets = new Jets(expressions, params.inA, params.inB);
  const rest = twoSum(one, neg(x));
  const first: Side = { parameter: a, base: pair(x), variable: 'first' };
  const second: Side = { parameter: b, base: rest, variable: 'second' };
  const factor = k.local('float64', prefactor(k, a, b, x, rest));
  const power = jets.exp(logSlopes(params, jets, first, second), factor.get());
  const ofTotal = jets.inverse(jets.linear(add(a, b), one, { first: true, second: true }));
  const ofSide = ({ parameter, variable }: Side): Jet<Expr> =>
    jets.linear(parameter, one, { [variable]: true });
  const shared = jets.mul(power, ofTotal);
  if (params.of === 'density') {
    const scaled = jets.mul(jets.mul(shared, ofSide(first)), ofSide(second));
    return jets.derivative(jets.scale(scaled, div(one, mul(x, rest[0]))));
  }
  const value = k.local('float64', zero);
  const part = (from: Side, to: Side): Expr =>
    jets.derivative(jets.mul(jets.mul(shared, ofSide(to)), fraction(k, jets, from, to)));
  const below = compare('le', x, div(add(a, one), add(add(a, b), num(2))));
  k.choose(
    below,
    () => value.set(part(first, second)),
    () =>
      k.choose(
        compare('lt', b, num(0.5)),
        () => value.set(jets.derivative(nearOne(k, jets, a, b, rest[0], params))),
        () => {
          const complement = neg(part(second, first));
          value.set(params.inA + params.inB === 0 ? add(one, complement) : complement);
        },
      ),
  );
  return value.get();
}

/** The function at the ends of the ranges, and NaN outside. */
function atEnds(a: Expr, b: Expr, x: Expr, { of, inA, inB }: IncompleteBetaParams): Expr {
  const is = (t: Expr, end: Expr): Expr => compare('eq', t, end);
  const positive = [a, b, x].map((t) => compare('ge', t, zero)).reduce(both);
  const clash = either(both(is(a, zero), is(b, zero)), both(is(a, infinity), is(b, infinity)));
  const first = either(is(a, zero), is(b, infinity));
  const second = either(is(b, zero), is(a, infinity));
  const undecided = either(both(first, is(x, zero)), both(second, is(x, one)));
  const refused = either(clash, undecided);
  const inRange = both(both(positive, compare('le', x, one)), unary('not', refused));
  const nan = num(Number.NaN);
  if (inA + inB > 0) return select(inRange, zero, nan);
  if (of === 'integral') {
    const all = either(first, both(is(x, one), unary('not', second)));
    return select(inRange, select(all, one, zero), nan);
  }
  const edge = (near: Expr, far: Expr): Expr =>
    select(compare('lt', near, one), infinity, select(compare('gt', near, one), zero, far));
  const density = select(is(x, zero), edge(a, b), select(is(x, one), edge(b, a), zero));
  return select(inRange, select(either(first, second), zero, density), nan);
}

type Point = readonly [a: number, b: number, x: number];

const points: readonly Point[] = [[3, 7.5, 0.6]];
const more: readonly Point[] = [
  [0.1, 20, 0.01],
  [17, 18, 0.45],
  [30, 0.2, 0.9],
  [0.6, 0.8, 0.3],
  [4.5, 2, 0.4],
  [1, 1, 0.25],
  [2, 1e-3, 0.9],
];
const inf = Number.POSITIVE_INFINITY;
const parameters = [0, 1, 2, 0.5, inf, Number.NaN, -1];
const places = [0, 1, 0.5, -1, 2, Number.NaN];
const ends: readonly Point[] = parameters
  .flatMap((a) => parameters.flatMap((b) => places.map((x): Point => [a, b, x])))
  .filter(([a, b, x]) => !(a > 0 && b > 0 && a < inf && b < inf && x > 0 && x < 1));

function samplesOf(params: IncompleteBetaParams): Sample<IncompleteBetaParams>[] {
  const operands = (values: readonly Point[]): Sample<object>['operands'] =>
    [0, 1, 2].map((i) => ({
      shape: [values.length],
      values: values.map((point) => point[i] ?? 0),
    }));
  return [
    { title: 'below and above the mean', operands: operands(points) },
    { title: 'more points', operands: operands(more), smooth: false },
    { title: 'ends of the ranges', operands: operands(ends), smooth: false },
  ].map((sample) => ({ ...sample, title: `${params.of}, ${sample.title}`, params }));
}

/**
 * The regularised incomplete beta function of a, b > 0 and 0 <= x <= 1: the integral of the density
 * t^(a - 1) (1 - t)^(b - 1) / B(a, b) from 0 to x, or this density at x; differentiated in a and b as
 * often as is said.
 */
export const incompleteBeta: CallablePrimitive<3, IncompleteBetaParams> = definePrimitive({
  name: 'incompleteBeta',
  arity: 3,
  type: (operands, _: IncompleteBetaParams) =>
    elementwiseType({ name: 'incompleteBeta', accepts: 'float' }, operands),
  linearize: ([a, b, x], params) => {
    const slopes = [
      incompleteBeta(a, b, x, { ...params, inA: params.inA + 1 }),
      incompleteBeta(a, b, x, { ...params, inB: params.inB + 1 }),
      slopeInX(a, b, x, params),
    ];
    return [
      incompleteBeta(a, b, x, params),
      ...slopes.map((slope) => (tangent: Tensor) => tangentMul(slope, tangent)),
    ];
  },
  vmap: (operands, batched, params) => {
    const [a, b, x] = alignBatch(operands, batched);
    if (!a || !b || !x) throw new Error('unreachable');
    return incompleteBeta(a, b, x, params);
  },
  lower: eachElement((k, [a = zero, b = zero, x = zero], params) => {
    const value = k.local('float64', atEnds(a, b, x, params));
    const positive = [a, b, x].map((t) => compare('gt', t, zero)).reduce(both);
    const finite = [a, b].map((t) => compare('lt', t, infinity)).reduce(both);
    k.choose(both(both(positive, finite), compare('lt', x, one)), () =>
      value.set(inside(k, a, b, x, params)),
    );
    return value.get();
  }),
});

/** What the laws hold `incompleteBeta` to. */
export const incompleteBetaLaws: Laws = forLaws<3, IncompleteBetaParams>(incompleteBeta, {
  reference: ([a, b, x], result, params) => {
    const data = allocate(result.dtype, a.data.length);
    const nan = Number.NaN;
    a.data.forEach((value, i) => {
      data[i] = incompleteBetaReference(params, value, b.data[i] ?? nan, x.data[i] ?? nan);
    });
    return data;
  },
  samples: () => [
    ...samplesOf({ of: 'integral', inA: 0, inB: 0 }),
    ...samplesOf({ of: 'density', inA: 0, inB: 0 }).slice(1),
    ...[[0], [1]].map((shape) => ({
      title: `shape [${shape}]`,
      operands: [
        { shape, from: 0.4, to: 6 },
        { shape, from: 0.4, to: 6 },
        { shape, from: 0.1, to: 0.9 },
      ],
      params: { of: 'integral', inA: 0, inB: 1 } as const,
    })),
  ],
});

/** The derivative in x: a density, or by the product rule. */
function slopeInX(a: Tensor, b: Tensor, x: Tensor, params: IncompleteBetaParams): Tensor {
  const { of, inA, inB } = params;
  const density = incompleteBeta(a, b, x, { ...params, of: 'density' });
  if (of === 'integral') return density;
  const unit = filledLike(x, 1);
  const rest = subtract(unit, x);
  const rate = subtract(divide(subtract(a, unit), x), divide(subtract(b, unit), rest));
  const terms = [multiply(density, rate)];
  const lower = (by: { inA: number; inB: number }, factor: number): Tensor =>
    multiply(incompleteBeta(a, b, x, { of, ...by }), filledLike(x, factor));
  if (inA > 0) terms.push(divide(lower({ inA: inA - 1, inB }, inA), x));
  if (inB > 0) terms.push(divide(lower({ inA, inB: inB - 1 }, -inB), rest));
  return terms.reduce((x0, x1) => sum(x0, x1));
}
