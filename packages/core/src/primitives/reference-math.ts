/**
 * Special functions in plain JavaScript for reference rules: slow series and continued fractions in
 * twice the precision, which share neither methods nor coefficients with compiled code.
 */
import {
  type Double,
  exactly,
  exp,
  log,
  minus,
  negate,
  one,
  over,
  pi,
  plus,
  power,
  scaled,
  series,
  times,
  toNumber,
  turn,
} from './double-double.ts';

const rootPi: Double = [1.772453850905516, -7.666586499825799e-17];

/** erf(x) for |x| < 5/2: a series of terms of one sign. */
function erfSeries(x: number): Double {
  const square = times(exactly(x), exactly(x));
  const sum = series(exactly(x), (term, n) =>
    over(times(term, times(square, [2, 0])), [2 * n + 1, 0]),
  );
  const { value, k } = exp(negate(square));
  const decay: Double = [value[0] * 2 ** k, value[1] * 2 ** k];
  return over(times(times(sum, decay), [2, 0]), rootPi);
}

/** erfc(x) for x >= 5/2: a continued fraction, from the inside out. */
function erfcFraction(x: number): { readonly value: Double; readonly k: number } {
  let fraction = exactly(x);
  for (let n = 160; n > 0; n--) fraction = plus(exactly(x), over([n / 2, 0], fraction));
  const decay = exp(negate(times(exactly(x), exactly(x))));
  return { value: over(decay.value, times(fraction, rootPi)), k: decay.k };
}

/** The error function. */
export function erf(x: number): number {
  if (Number.isNaN(x) || x === 0) return x;
  if (Math.abs(x) < 2.5) return toNumber(erfSeries(x));
  return Math.sign(x) * (1 - erfc(Math.abs(x)));
}

/** The complementary error function. */
export function erfc(x: number): number {
  if (Number.isNaN(x)) return x;
  if (Math.abs(x) < 2.5) return toNumber(minus(one, erfSeries(x)));
  if (x < 0) return 2 - erfc(-x);
  if (x > 30) return 0;
  const { value, k } = erfcFraction(x);
  return scaled(value, k);
}

/** The inverse of erf, by Halley's method. */
export function erfinv(x: number): number {
  if (x === 0) return x;
  const size = Math.abs(x);
  if (!(size < 1)) return size === 1 ? Math.sign(x) * Number.POSITIVE_INFINITY : Number.NaN;
  if (size < 1e-9) return toNumber(times(exactly(x), over(rootPi, [2, 0])));
  const complement = 1 - size;
  const w = -Math.log(complement * (1 + size));
  let y = Math.sqrt(w) * 0.886;
  for (let i = 0; i < 40; i++) {
    const excess =
      y < 2.5
        ? toNumber(minus(erfSeries(y), exactly(size)))
        : toNumber(minus(exactly(complement), exactly(erfc(y))));
    const newton = (excess * rootPi[0]) / 2 / Math.exp(-y * y);
    const step = Math.abs(y * newton) < 0.5 ? newton / (1 + y * newton) : newton / 2;
    y -= step;
    if (Math.abs(step) <= 1e-12 * y) break;
  }
  return Math.sign(x) * y;
}

/** Bernoulli numbers B2, B4, ... */
const bernoulli: readonly Double[] = (
  [
    [1, 6],
    [-1, 30],
    [1, 42],
    [-1, 30],
    [5, 66],
    [-691, 2730],
    [7, 6],
    [-3617, 510],
    [43867, 798],
    [-174611, 330],
    [854513, 138],
    [-236364091, 2730],
    [8553103, 6],
    [-23749461029, 870],
  ] as const
).map(([numerator, denominator]) => over([numerator, 0], [denominator, 0]));

/** The sum of B_2k f(2k) / y^2k. */
function stirling(y: Double, factor: (twice: number) => Double): Double {
  const inverse = over(one, times(y, y));
  return bernoulli
    .map((b, i) => times(b, factor(2 * i + 2)))
    .reduceRight<Double>((sum, term) => times(plus(sum, term), inverse), [0, 0]);
}

/** The numbers x, x + 1, ... below `limit`, and the first one that is not. */
function steps(
  x: Double,
  limit: number,
): { readonly passed: readonly Double[]; readonly y: Double } {
  const passed: Double[] = [];
  let y = x;
  while (y[0] < limit) {
    passed.push(y);
    y = plus(y, one);
  }
  return { passed, y };
}

const halfLogTwoPi = over(log(times(pi, [2, 0])), [2, 0]);
const eulerGamma: Double = [0.5772156649015329, -4.942915152430649e-18];
const zeta2 = 1.6449340668482264;
const zeta3 = 1.2020569031595942;

function lgammaOf(x: number): Double {
  // A sum of large terms has no relative accuracy at the zeros.
  if (Math.abs(x - 1) < 2 ** -18) {
    const d = exactly(x - 1);
    const rest = (zeta2 / 2) * d[0] - (zeta3 / 3) * d[0] ** 2;
    return times(d, plus(negate(eulerGamma), [rest, 0]));
  }
  if (Math.abs(x - 2) < 2 ** -18) {
    const d = exactly(x - 2);
    const rest = ((zeta2 - 1) / 2) * d[0] - ((zeta3 - 1) / 3) * d[0] ** 2;
    return times(d, plus(minus(one, eulerGamma), [rest, 0]));
  }
  const { passed, y } = steps(exactly(x), 20);
  const logarithm = log(y);
  const main = minus(times(y, minus(logarithm, one)), over(logarithm, [2, 0]));
  const tail = times(
    y,
    stirling(y, (twice) => over(one, [twice * (twice - 1), 0])),
  );
  const product = passed.slice(1).reduce((all, factor) => times(all, factor), one);
  const whole = plus(main, plus(halfLogTwoPi, tail));
  const less = minus(whole, log(product));
  return passed.length === 0 ? whole : minus(less, log(exactly(x)));
}

/** log gamma of a positive number, to an absolute error of some 30 digits. */
export function logGammaOf(x: Double): Double {
  const { passed, y } = steps(x, 24);
  const logarithm = log(y);
  const main = minus(times(y, minus(logarithm, one)), over(logarithm, [2, 0]));
  const tail = times(
    y,
    stirling(y, (twice) => over(one, [twice * (twice - 1), 0])),
  );
  return passed.reduce(
    (sum, factor) => minus(sum, log(factor)),
    plus(main, plus(halfLogTwoPi, tail)),
  );
}

/** The derivatives of `logGammaOf`, divided by the factorial of their order: 1, 2, ..., most. */
export function logGammaSlopesOf(x: Double, most: number): Double[] {
  return Array.from({ length: most }, (_, i) => {
    if (i === 0) return digammaOf(x);
    const sign = i % 2 === 0 ? -1 : 1;
    return over(times(polygammaOf(i, x), [sign, 0]), factorial(i + 1));
  });
}

/** log |gamma(x)| */
export function lgamma(x: number): number {
  if (!Number.isFinite(x)) return Math.abs(x);
  if (x > 2.6e305 || (x <= 0 && Number.isInteger(x))) return Number.POSITIVE_INFINITY;
  // Splitting floats would overflow, and nothing is lost to rounding.
  if (x > 1e290) return x * (Math.log(x) - 1);
  if (x > 0) return toNumber(lgammaOf(x));
  const a = -x;
  const r = Math.abs(fromNearest(a));
  const sine = minus(log(over(turn(r).sin, [r, 0])), negate(log(exactly(r))));
  const reflected = minus(minus(log(pi), log(exactly(a))), sine);
  return toNumber(minus(reflected, lgammaOf(a)));
}

function fromNearest(a: number): number {
  const whole = Math.round(a);
  return a - whole;
}

function factorial(n: number): Double {
  let product = one;
  for (let i = 2; i <= n; i++) product = times(product, [i, 0]);
  return product;
}

function digammaOf(x: Double): Double {
  const { passed, y } = steps(x, 20);
  const tail = stirling(y, (twice) => over(one, [twice, 0]));
  const whole = minus(minus(log(y), over([0.5, 0], y)), tail);
  return passed.reduceRight((sum, each) => minus(sum, over(one, each)), whole);
}

/** The logarithmic derivative of gamma. */
export function digamma(x: number): number {
  if (x === 0) return -1 / x;
  if (x === Number.POSITIVE_INFINITY) return x;
  if (!Number.isFinite(x) || (x < 0 && Number.isInteger(x))) return Number.NaN;
  if (Math.abs(x) < 1e-200) return -1 / x;
  if (x > 1e290) return Math.log(x);
  if (x > 0) return toNumber(digammaOf(exactly(x)));
  const { sin, cos } = turn(fromNearest(-x));
  const cotangent = over(times(pi, cos), sin);
  return toNumber(plus(digammaOf(exactly(-x)), plus(cotangent, over(one, [-x, 0]))));
}

/** The derivatives of cot: coefficients in c = cot(t), from c^0 on, of its n-th derivative. */
function cotangentDerivative(n: number): readonly number[] {
  let coefficients: readonly number[] = [0, 1];
  for (let i = 0; i < n; i++) {
    const slopes = coefficients.slice(1).map((c, k) => c * (k + 1));
    const next = new Array<number>(slopes.length + 2).fill(0);
    slopes.forEach((c, k) => {
      next[k] = (next[k] ?? 0) - c;
      next[k + 2] = (next[k + 2] ?? 0) - c;
    });
    coefficients = next;
  }
  return coefficients;
}

/** (-1)^(n + 1) times the n-th derivative of digamma at x > 0. */
function polygammaOf(n: number, x: Double): Double {
  const { passed, y } = steps(x, 24 + 2 * n);
  const inverse = over(one, y);
  const tail = [
    factorial(n - 1),
    times(over(factorial(n), [2, 0]), inverse),
    stirling(y, (twice) => over(factorial(twice + n - 1), factorial(twice))),
  ].reduceRight((sum, term) => plus(sum, term));
  const rest = times(tail, power(inverse, n));
  return passed.reduceRight((sum, each) => plus(sum, over(factorial(n), power(each, n + 1))), rest);
}

/** The n-th derivative of digamma, n >= 1. */
export function polygamma(n: number, x: number): number {
  const sign = n % 2 === 0 ? -1 : 1;
  if (x === Number.POSITIVE_INFINITY) return sign * 0;
  if (!Number.isFinite(x)) return Number.NaN;
  if (x <= 0 && Number.isInteger(x)) {
    if (x === 0) return sign / x ** (n + 1);
    return n % 2 === 0 ? Number.NaN : Number.POSITIVE_INFINITY;
  }
  if (Math.abs(x) < 1e-100) return (sign * toNumber(factorial(n))) / x ** (n + 1);
  if (x > 1e100) return (sign * toNumber(factorial(n - 1))) / x ** n;
  if (x > 0) return sign * toNumber(polygammaOf(n, exactly(x)));
  const { sin, cos } = turn(fromNearest(x));
  const c = over(cos, sin);
  const slope = cotangentDerivative(n).reduceRight<Double>(
    (sum, k) => plus(times(sum, c), [k, 0]),
    [0, 0],
  );
  const reflected = times(power(pi, n + 1), slope);
  // psi_n(1 - x) = psi_n(-x) + (-1)^n n! / (-x)^(n + 1)
  const next = minus(polygammaOf(n, exactly(-x)), over(factorial(n), power([-x, 0], n + 1)));
  return toNumber(minus(negate(next), reflected));
}
