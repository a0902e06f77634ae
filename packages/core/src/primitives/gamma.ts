import type { Expr } from '../kernel/expr.ts';
import * as maths from '../kernel/maths/functions.ts';
import { binary, cast, compare, constant, math, select, unary } from '../kernel/scalars.ts';
import { allocate } from '../tensor/dtype.ts';
import { sizeOf } from '../tensor/shape.ts';
import { tangentMul } from './arithmetic.ts';
import { type CallablePrimitive, definePrimitive, type Sample } from './define.ts';
import { smooth, smoothLaws } from './elementary.ts';
import { alignBatch, elementwiseType } from './elementwise.ts';
import { forLaws, type Laws } from './for-laws.ts';
import { factorial } from './jet.ts';
import * as reference from './reference-math.ts';
import { pointSamples, rangeSamples, specials } from './samples.ts';

type Unary = CallablePrimitive<1, object>;

/** log |gamma(x)|; infinite at 0 and negative whole numbers. */
export const lgamma: Unary = smooth(maths.lgamma, (x) => {
  const slope = digamma(x);
  return [lgamma(x), (dx) => tangentMul(slope, dx)];
});

/** What the laws hold `lgamma` to. */
export const lgammaLaws: Laws = smoothLaws(lgamma, reference.lgamma, { from: 0.2, to: 9 }, [
  ...rangeSamples({ from: -1.9, to: -1.1 }),
  pointSamples('small, large and whole arguments', [1e-10, 1.001, 1.999, 2.5, -2, 1e5, 1e30]),
]);

/** The derivative of log |gamma(x)|; NaN at negative whole numbers. */
export const digamma: Unary = smooth(maths.digamma, (x) => {
  const slope = polygamma(x, { order: 1 });
  return [digamma(x), (dx) => tangentMul(slope, dx)];
});

/** What the laws hold `digamma` to. */
export const digammaLaws: Laws = smoothLaws(digamma, reference.digamma, { from: 0.2, to: 9 }, [
  ...rangeSamples({ from: -1.9, to: -1.1 }),
  pointSamples('small, large and whole arguments', [1e-10, 1.46, 1.999, 2, -2, 1e5, 1e30]),
]);

/** Order of the derivative of digamma, 1 or more. */
interface Order {
  readonly order: number;
}

/** B_2k for k = 1, 2, ... */
const bernoulli = [
  1 / 6,
  -1 / 30,
  1 / 42,
  -1 / 30,
  5 / 66,
  -691 / 2730,
  7 / 6,
  -3617 / 510,
  43867 / 798,
  -174611 / 330,
  854513 / 138,
];

const number = (value: number): Expr => constant('float64', value);
const product = (x: Expr, y: Expr): Expr => binary('mul', x, y);
const sum = (x: Expr, y: Expr): Expr => binary('add', x, y);

function powerOf(x: Expr, n: number): Expr {
  if (n === 1) return x;
  const half = powerOf(x, Math.floor(n / 2));
  const square = product(half, half);
  return n % 2 === 0 ? square : product(square, x);
}

/** x^n by squaring where few roundings add up, and by the function of the backend. */
function accuratePower(x: Expr, n: number): Expr {
  return n <= 3 ? powerOf(x, n) : math(maths.pow, x, number(n));
}

function polynomial(x: Expr, coefficients: readonly number[]): Expr {
  return coefficients.map(number).reduceRight((rest, c) => sum(product(rest, x), c));
}

/**
 * (-1)^(n + 1) times the n-th derivative at u > 0: Stirling's series from 10 + 2 n on, and below
 * that as many terms of the recurrence as lead there.
 */
export function positivePolygamma(n: number, u: Expr): Expr {
  const count = 10 + 2 * n;
  const near = compare('lt', u, number(count));
  const y = select(near, sum(u, number(count)), u);
  const inverse = binary('div', number(1), y);
  const series = bernoulli.map((b, i) => (b * factorial(2 * i + 1 + n)) / factorial(2 * i + 2));
  const square = product(inverse, inverse);
  const small = product(square, polynomial(square, series));
  const tail = sum(
    number(factorial(n - 1)),
    sum(product(number(factorial(n) / 2), inverse), small),
  );
  const beyond = binary('div', tail, accuratePower(y, n));
  let result = beyond;
  for (let k = count - 1; k >= 0; k--) {
    const place = k === 0 ? u : sum(u, number(k));
    const term = binary('div', number(factorial(n)), accuratePower(place, n + 1));
    if (k === 0) {
      result = sum(result, term);
      continue;
    }
    // What the place has lost by rounding, to first order.
    const lost = binary('sub', u, binary('sub', place, number(k)));
    const share = product(binary('div', lost, place), number(n + 1));
    result = sum(result, binary('sub', term, product(term, share)));
  }
  return select(near, result, beyond);
}

/**
 * With G_n(u) = n! sum over k >= 0 of 1 / (u + k)^(n + 1), which is (-1)^(n + 1) psi_n(u), and r the
 * distance of x < 0 from the nearest whole number: the sum over all whole numbers k, without those
 * below 0, G_n(x) = n! / r^(n + 1) + G_n(1 + r) + (-1)^(n + 1) (G_n(1 - r) - G_n(1 - x)).
 */
function polygammaAt(n: number, x: Expr): Expr {
  const one = number(1);
  const below = compare('lt', x, number(0));
  const r = binary('sub', x, unary('nearest', x));
  const first = positivePolygamma(n, select(below, sum(one, r), x));
  const near = positivePolygamma(n, binary('sub', one, r));
  const far = positivePolygamma(n, binary('sub', one, x));
  const difference = n % 2 === 0 ? binary('sub', far, near) : binary('sub', near, far);
  const largest = binary('div', number(factorial(n)), accuratePower(r, n + 1));
  const reflected = sum(largest, sum(first, difference));
  const odd = n % 2 === 0 ? compare('eq', r, number(0)) : constant('bool', 0);
  const whole = select(odd, number(Number.NaN), reflected);
  const result = select(below, whole, first);
  return n % 2 === 0 ? unary('neg', result) : result;
}

function samplesOf(order: number): Sample<Order>[] {
  return [
    ...rangeSamples({ from: 0.3, to: 9 }),
    ...rangeSamples({ from: -1.4, to: -1.1 }),
    pointSamples('special values', specials),
    pointSamples('small, large and whole arguments', [1e-10, 1, 2, -2, 1e5, 1e30]),
  ].map((sample) => ({ ...sample, params: { order } }));
}

/** The derivative of digamma of a given order. */
export const polygamma: CallablePrimitive<1, Order> = definePrimitive({
  name: 'polygamma',
  arity: 1,
  type: (operands) => elementwiseType({ name: 'polygamma', accepts: 'float' }, operands),
  linearize: ([x], { order }) => {
    const slope = polygamma(x, { order: order + 1 });
    return [polygamma(x, { order }), (dx) => tangentMul(slope, dx)];
  },
  vmap: (operands, batched, params) => {
    const [x] = alignBatch(operands, batched);
    if (!x) throw new Error('unreachable');
    return polygamma(x, params);
  },
  lower: {
    kind: 'pull',
    cost: 'math',
    at: ([read], index, { params }) => {
      const x = read(index);
      return cast(x.type, polygammaAt(params.order, cast('float64', x)));
    },
  },
});

/** What the laws hold `polygamma` to. */
export const polygammaLaws: Laws = forLaws<1, Order>(polygamma, {
  reference: ([x], { dtype, shape }, { order }) => {
    const data = allocate(dtype, sizeOf(shape));
    x.data.forEach((value, i) => {
      data[i] = reference.polygamma(order, value);
    });
    return data;
  },
  samples: () => [1, 2].flatMap(samplesOf),
});
