/**
 * Arithmetic with some 31 digits for reference rules: a number is an unevaluated sum of two floats
 * (Dekker, A floating-point technique for extending the available precision, 1971).
 */
export type Double = readonly [high: number, low: number];

export const one: Double = [1, 0];
export const pi: Double = [Math.PI, 1.2246467991473532e-16];
const ln2: Double = [Math.LN2, 2.3190468138462996e-17];

function twoSum(a: number, b: number): Double {
  const sum = a + b;
  const other = sum - a;
  return [sum, a - (sum - other) + (b - other)];
}

function split(a: number): Double {
  const scaled = 134217729 * a;
  const high = scaled - (scaled - a);
  return [high, a - high];
}

function twoProduct(a: number, b: number): Double {
  const product = a * b;
  const [a1, a0] = split(a);
  const [b1, b0] = split(b);
  return [product, a1 * b1 - product + a1 * b0 + a0 * b1 + a0 * b0];
}

function normalized(high: number, low: number): Double {
  const sum = high + low;
  return [sum, low - (sum - high)];
}

export function exactly(x: number): Double {
  return [x, 0];
}

export function toNumber([high, low]: Double): number {
  return high + low;
}

export function negate([high, low]: Double): Double {
  return [-high, -low];
}

export function plus(a: Double, b: Double): Double {
  const [high, error] = twoSum(a[0], b[0]);
  const [low, rest] = twoSum(a[1], b[1]);
  const [sum, left] = normalized(high, error + low);
  return normalized(sum, left + rest);
}

export function minus(a: Double, b: Double): Double {
  return plus(a, negate(b));
}

export function times(a: Double, b: Double): Double {
  const [high, low] = twoProduct(a[0], b[0]);
  return normalized(high, low + (a[0] * b[1] + a[1] * b[0]));
}

export function over(a: Double, b: Double): Double {
  const first = a[0] / b[0];
  const rest = minus(a, times(b, [first, 0]));
  const second = rest[0] / b[0];
  const last = minus(rest, times(b, [second, 0]));
  return plus(normalized(first, second), [last[0] / b[0], 0]);
}

/** a^n for a whole number n >= 0. */
export function power(a: Double, n: number): Double {
  let result = one;
  for (let i = 0; i < n; i++) result = times(result, a);
  return result;
}

/** The sum of term(k) for k = 0, 1, ... while terms matter. */
export function series(first: Double, next: (term: Double, k: number) => Double): Double {
  let sum = first;
  let term = first;
  for (let k = 1; Math.abs(term[0]) > 1e-34 * Math.abs(sum[0]); k++) {
    term = next(term, k);
    sum = plus(sum, term);
  }
  return sum;
}

/** e^x as value 2^k. */
export function exp(x: Double): { readonly value: Double; readonly k: number } {
  const k = Math.round(x[0] / ln2[0]);
  const r = minus(x, times(ln2, [k, 0]));
  return { value: series(one, (term, n) => over(times(term, r), [n, 0])), k };
}

/** x 2^k, rounded once. */
export function scaled(x: Double, k: number): number {
  const half = Math.trunc(k / 2);
  return toNumber(x) * 2 ** half * 2 ** (k - half);
}

/** Natural logarithm of a positive number, by one Newton step from that of the engine. */
export function log(x: Double): Double {
  const lift = x[0] < 2 ** -900 ? 200 : 0;
  const up: Double = [x[0] * 2 ** lift, x[1] * 2 ** lift];
  const exponent = Math.floor(Math.log2(up[0]));
  const shift = 2 ** -exponent;
  const mantissa: Double = [up[0] * shift, up[1] * shift];
  const start = Math.log(mantissa[0]);
  const { value, k } = exp([-start, 0]);
  const inverse: Double = [value[0] * 2 ** k, value[1] * 2 ** k];
  const near = plus([start, 0], minus(times(mantissa, inverse), one));
  return plus(near, times(ln2, [exponent - lift, 0]));
}

/** sin(pi r) and cos(pi r) for |r| <= 1/2. */
export function turn(r: number): { readonly sin: Double; readonly cos: Double } {
  const angle = times(pi, [r, 0]);
  const square = negate(times(angle, angle));
  const from = (first: Double, odd: number): Double =>
    series(first, (term, k) => over(times(term, square), [2 * k * (2 * k + odd), 0]));
  return { sin: from(angle, 1), cos: from(one, -1) };
}
