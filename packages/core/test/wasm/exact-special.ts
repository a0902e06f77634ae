// Inverse, hyperbolic, error and gamma functions in integer arithmetic, to some hundred bits, by
// series that converge everywhere they are used. A fixed-point number t stands for t / 2^bits.

import {
  absolute,
  bitLength,
  bitsFor,
  type Exact,
  exactly,
  exp,
  expm1,
  expOf,
  fixed,
  logOf,
  pi,
  plus,
  ratio,
  shifted,
  taylor,
} from './exact.ts';

const negated = ({ m, e }: Exact): Exact => ({ m: -m, e });
const of = (m: bigint, bits: number): Exact => ({ m, e: -bits });

function root(t: bigint, bits: number): bigint {
  const square = t << BigInt(bits);
  if (square === 0n) return 0n;
  let x = 1n << BigInt((bitLength(square) >> 1) + 1);
  for (let y = (x + square / x) >> 1n; y < x; y = (x + square / x) >> 1n) x = y;
  return x;
}

/** atan of a number of any size: halved eight times, then the series. */
function atanOf(t: bigint, bits: number): bigint {
  const one = 1n << BigInt(bits);
  const halvings = 8;
  let s = t;
  for (let i = 0; i < halvings; i++) {
    const hypotenuse = root(one + ((s * s) >> BigInt(bits)), bits);
    s = (s << BigInt(bits)) / (one + hypotenuse);
  }
  const square = (s * s) >> BigInt(bits);
  let power = s;
  let sum = 0n;
  for (let k = 1n; power !== 0n && power !== -1n; k += 2n) {
    sum += k % 4n === 1n ? power / k : -(power / k);
    power = (power * square) >> BigInt(bits);
  }
  return sum << BigInt(halvings);
}

export function atan(x: number): Exact {
  const value = exactly(x);
  const bits = bitsFor(value) + 60;
  return of(atanOf(fixed(value, bits), bits), bits);
}

export function asin(x: number): Exact {
  const value = exactly(x);
  const bits = bitsFor(value) + 200;
  const t = fixed(value, bits);
  const one = 1n << BigInt(bits);
  const cosine = root(one - ((t * t) >> BigInt(bits)), bits);
  if (cosine === 0n) return of(t > 0n ? pi(bits) / 2n : -pi(bits) / 2n, bits);
  return of(atanOf((t << BigInt(bits)) / cosine, bits), bits);
}

export function acos(x: number): Exact {
  const bits = 600;
  const t = fixed(exactly(x), bits);
  const one = 1n << BigInt(bits);
  if (t === -one) return of(pi(bits), bits);
  const tangent = root(((one - t) << BigInt(bits)) / (one + t), bits);
  return of(2n * atanOf(tangent, bits), bits);
}

export function atan2(y: number, x: number): Exact {
  const quotient = ratio(exactly(Math.abs(y)), exactly(Math.abs(x)));
  const bits = bitsFor(quotient) + 60;
  const angle = atanOf(fixed(quotient, bits), bits);
  const turned = x < 0 ? pi(bits) - angle : angle;
  return of(y < 0 ? -turned : turned, bits);
}

export function sinh(x: number): Exact {
  const { m, e } = plus(expm1(x), negated(expm1(-x)));
  return { m, e: e - 1 };
}

export function cosh(x: number): Exact {
  const { m, e } = plus(exp(x), exp(-x));
  return { m, e: e - 1 };
}

/** The logarithm of a + sqrt(a^2 + sign), which is over 1, for a number a > 0. */
function logOfSum(a: Exact, sign: 1n | -1n): Exact {
  const bits = bitsFor(a) + 400;
  const t = fixed(a, bits);
  const one = 1n << BigInt(bits);
  const radicand = ((t * t) >> BigInt(bits)) + sign * one;
  const square = root(radicand, bits);
  return of(logOf({ m: t + square, e: -bits }, bits), bits);
}

export function asinh(x: number): Exact {
  const { m, e } = logOfSum(exactly(Math.abs(x)), 1n);
  return { m: x < 0 ? -m : m, e };
}

export function acosh(x: number): Exact {
  return logOfSum(exactly(x), -1n);
}

export function atanh(x: number): Exact {
  const value = exactly(x);
  const bits = bitsFor(value) + 400;
  const t = fixed(value, bits);
  const one = 1n << BigInt(bits);
  const quotient = ((one + t) << BigInt(bits)) / (one - t);
  return of(logOf({ m: quotient, e: -bits }, bits) / 2n, bits);
}

/** The logarithm to a whole base. */
function logToBase(base: number): (x: number) => Exact {
  return (x) => {
    const value = exactly(x);
    const bits = 1400;
    return of((logOf(value, bits) << BigInt(bits)) / logOf(exactly(base), bits), bits);
  };
}

export const log2 = logToBase(2);
export const log10 = logToBase(10);

export function hypot(x: number, y: number): Exact {
  const [a, b] = [exactly(x), exactly(y)];
  const bits = Math.max(bitsFor(a), bitsFor(b)) + 60;
  const [s, t] = [fixed(a, bits), fixed(b, bits)];
  return of(root((s * s + t * t) >> BigInt(bits), bits), bits);
}

/** 2 / sqrt(pi) e^(-t^2) sum of 2^n t^(2n+1) / (1 3 5 ...) */
function erfOf(t: bigint, bits: number): bigint {
  const b = BigInt(bits);
  const square = (t * t) >> b;
  let term = t;
  let sum = 0n;
  for (let k = 3n; term !== 0n && term !== -1n; k += 2n) {
    sum += term;
    term = ((term * 2n * square) >> b) / k;
  }
  const decay = expOf(-square, bits);
  const scaled = shifted(sum * decay.m, decay.e);
  return ((2n * scaled) << b) / root(pi(bits), bits);
}

export function erf(x: number): Exact {
  const value = exactly(x);
  const bits = bitsFor(value) + 200;
  return of(erfOf(fixed(value, bits), bits), bits);
}

/** 1 - erf(x), with the bits that cancel. */
export function erfc(x: number): Exact {
  const bits = 500 + Math.ceil(3 * x * x);
  return of((1n << BigInt(bits)) - erfOf(fixed(exactly(x), bits), bits), bits);
}

/** By Newton's method from a formula of three digits (Winitzki). */
export function erfinv(x: number): Exact {
  const size = Math.abs(x);
  const w = Math.log1p(-size) + Math.log1p(size);
  const half = 2 / (Math.PI * 0.147) + w / 2;
  const start = size < 1e-4 ? 0.886 * size : Math.sqrt(Math.sqrt(half * half - w / 0.147) - half);
  const bits = bitsFor(exactly(start)) + 300;
  const b = BigInt(bits);
  const target = fixed(exactly(size), bits);
  let y = fixed(exactly(start), bits);
  for (let i = 0; i < 8; i++) {
    const growth = expOf((y * y) >> b, bits);
    const excess = ((erfOf(y, bits) - target) * root(pi(bits), bits)) >> (b + 1n);
    const step = shifted(excess * growth.m, growth.e);
    y -= step;
    if (bitLength(step) < bitLength(y) - 120) break;
  }
  return of(x < 0 ? -y : y, bits);
}

type Fraction = readonly [numerator: bigint, denominator: bigint];

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? absolute(a) : gcd(b, a % b);
}

/** B0, B1, ... by the sums of binomials times them, which are 0. */
function bernoulliNumbers(count: number): readonly Fraction[] {
  const numbers: Fraction[] = [[1n, 1n]];
  for (let n = 1n; n < count; n++) {
    let [top, bottom]: Fraction = [0n, 1n];
    let binomial = 1n;
    numbers.forEach(([p, q], k) => {
      [top, bottom] = [top * q + binomial * p * bottom, bottom * q];
      const common = gcd(top, bottom);
      [top, bottom] = [top / common, bottom / common];
      binomial = (binomial * (n + 1n - BigInt(k))) / (BigInt(k) + 1n);
    });
    numbers.push([-top, bottom * (n + 1n)]);
  }
  return numbers;
}

const bernoulli = bernoulliNumbers(62);

/** sum of B_2k / (divisor(2k) y^(2k - less)) */
function stirling(y: bigint, bits: number, less: bigint, divisor: (n: bigint) => bigint): bigint {
  const b = BigInt(bits);
  const inverse = (1n << (2n * b)) / y;
  const square = (inverse * inverse) >> b;
  let power = less === 1n ? inverse : square;
  let sum = 0n;
  for (let k = 2n; k < bernoulli.length; k += 2n) {
    const [top, bottom] = bernoulli[Number(k)] ?? [0n, 1n];
    sum += (top * power) / (bottom * divisor(k));
    power = (power * square) >> b;
  }
  return sum;
}

/** Enough bits for the values around the zeros and near 0. */
function gammaBits({ m, e }: Exact): number {
  return 600 + Math.max(0, -(e + bitLength(m)));
}

/** log gamma(t) for t > 0. */
function lgammaOf(t: bigint, bits: number): bigint {
  const b = BigInt(bits);
  const one = 1n << b;
  let y = t;
  let product = one;
  while (y < 50n * one) {
    product = (product * y) >> b;
    y += one;
  }
  const logarithm = logOf(of(y, bits), bits);
  const main = (((y - one / 2n) * logarithm) >> b) - y;
  const constant = logOf(of(2n * pi(bits), bits), bits) / 2n;
  const tail = stirling(y, bits, 1n, (n) => n * (n - 1n));
  return main + constant + tail - logOf(of(product, bits), bits);
}

/** The distance from the nearest whole number, signed, and its sine and cosine in half turns. */
function turn(t: bigint, bits: number) {
  const one = 1n << BigInt(bits);
  const whole = ((2n * t + one) >> BigInt(bits + 1)) << BigInt(bits);
  const angle = ((t - whole) * pi(bits)) >> BigInt(bits);
  return { sin: taylor(angle, 1, 2, -1n, bits), cos: taylor(angle, 0, 2, -1n, bits) };
}

/** log |gamma(x)|, but at poles. */
export function lgamma(x: number): Exact {
  const value = exactly(x);
  const bits = gammaBits(value);
  const t = fixed(value, bits);
  if (x > 0) return of(lgammaOf(t, bits), bits);
  const parts = [
    logOf(of(pi(bits), bits), bits),
    -logOf(of(-t, bits), bits),
    -logOf(of(absolute(turn(t, bits).sin), bits), bits),
    -lgammaOf(-t, bits),
  ];
  return of(
    parts.reduce((sum, part) => sum + part),
    bits,
  );
}

function digammaOf(t: bigint, bits: number): bigint {
  const b = BigInt(bits);
  const one = 1n << b;
  let y = t;
  let sum = 0n;
  while (y < 50n * one) {
    sum -= (one << b) / y;
    y += one;
  }
  const half = (one << b) / (2n * y);
  return sum + logOf(of(y, bits), bits) - half - stirling(y, bits, 0n, (n) => n);
}

/** The logarithmic derivative of gamma, but at poles. */
export function digamma(x: number): Exact {
  const value = exactly(x);
  const bits = 2 * gammaBits(value);
  const t = fixed(value, bits);
  if (x > 0) return of(digammaOf(t, bits), bits);
  const one = 1n << BigInt(bits);
  const { sin, cos } = turn(-t, bits);
  const cotangent = (pi(bits) * cos) / sin;
  return of(digammaOf(-t, bits) + (one << BigInt(bits)) / -t + cotangent, bits);
}

/** x - floor(x / y) y */
export function mod(x: number, y: number): Exact {
  const [a, b] = [exactly(x), exactly(y)];
  const e = Math.min(a.e, b.e);
  const [p, q] = [shifted(a.m, a.e - e), shifted(b.m, b.e - e)];
  const rest = p % q;
  return { m: rest !== 0n && rest < 0n !== q < 0n ? rest + q : rest, e };
}

export function softplus(x: number): Exact {
  const { m, e } = exp(-Math.abs(x));
  const bits = 600 + Math.max(0, -(e + bitLength(m)));
  const one = 1n << BigInt(bits);
  const tail = logOf(of(one + shifted(m, e + bits), bits), bits);
  return of(tail + (x > 0 ? fixed(exactly(x), bits) : 0n), bits);
}

export function rsqrt(x: number): Exact {
  const { m, e } = exactly(x);
  const odd = Math.abs(e % 2);
  const bits = 400;
  const square = (1n << BigInt(2 * bits)) / shifted(m, odd);
  return { m: root(square, 0), e: -bits - (e - odd) / 2 };
}
