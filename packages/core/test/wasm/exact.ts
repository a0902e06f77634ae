// Elementary functions in integer arithmetic, to some hundred bits: an oracle that shares nothing
// with the code under test. A fixed-point number x stands for x / 2^bits.

/** m 2^e */
export interface Exact {
  readonly m: bigint;
  readonly e: number;
}

const words = new DataView(new ArrayBuffer(8));

/** A finite float, exactly. */
export function exactly(x: number): Exact {
  words.setFloat64(0, x);
  const bits = words.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const m = exponent === 0 ? fraction : fraction | 0x10000000000000n;
  return { m: bits >> 63n ? -m : m, e: Math.max(exponent, 1) - 1075 };
}

export function shifted(m: bigint, by: number): bigint {
  return by >= 0 ? m << BigInt(by) : m >> BigInt(-by);
}

export function bitLength(m: bigint): number {
  return (m < 0n ? -m : m).toString(2).length;
}

export function fixed({ m, e }: Exact, bits: number): bigint {
  return shifted(m, e + bits);
}

export function absolute(m: bigint): bigint {
  return m < 0n ? -m : m;
}

function roundedQuotient(a: bigint, b: bigint): bigint {
  const doubled = 2n * a + b;
  const quotient = doubled / (2n * b);
  return doubled < 0n && quotient * 2n * b !== doubled ? quotient - 1n : quotient;
}

/** arctan(1/n) or artanh(1/n) */
function inverseSeries(n: bigint, sign: bigint, bits: number): bigint {
  let power = (1n << BigInt(bits)) / n;
  let sum = power;
  let s = sign;
  for (let k = 3n; power !== 0n; k += 2n) {
    power /= n * n;
    sum += (s * power) / k;
    s *= sign;
  }
  return sum;
}

const constants = new Map<string, bigint>();

function constant(name: string, bits: number, make: (bits: number) => bigint): bigint {
  const key = `${name} ${bits}`;
  const value = constants.get(key) ?? make(bits + 32) >> 32n;
  constants.set(key, value);
  return value;
}

export const pi = (bits: number): bigint =>
  constant('pi', bits, (b) => 4n * (4n * inverseSeries(5n, -1n, b) - inverseSeries(239n, -1n, b)));

const ln2 = (bits: number): bigint => constant('ln2', bits, (b) => 2n * inverseSeries(3n, 1n, b));

/** Bits that give a result near x some 300 bits of its own. */
export function bitsFor({ m, e }: Exact): number {
  return 320 + 3 * Math.max(0, -(e + bitLength(m)));
}

/** sum of r^k / k! over the k = from, from + step, ... with alternating signs when `sign` is -1 */
export function taylor(r: bigint, from: number, step: number, sign: bigint, bits: number): bigint {
  const b = BigInt(bits);
  let term = 1n << b;
  for (let k = 1; k <= from; k++) term = ((term * r) >> b) / BigInt(k);
  let sum = 0n;
  let k = from;
  while (term !== 0n && term !== -1n) {
    sum += term;
    for (let j = 0; j < step; j++) term = ((term * r) >> b) / BigInt(++k);
    term *= sign;
  }
  return sum;
}

/** e^t of a fixed-point number. */
export function expOf(t: bigint, bits: number): Exact {
  const k = roundedQuotient(t, ln2(bits));
  const m = taylor(t - k * ln2(bits), 0, 1, 1n, bits);
  return { m, e: Number(k) - bits };
}

export function exp(x: number): Exact {
  return expOf(fixed(exactly(x), 400), 400);
}

export function expm1(x: number): Exact {
  const value = exactly(x);
  const bits = bitsFor(value) + 100;
  if (Math.abs(x) < 0.5) return { m: taylor(fixed(value, bits), 1, 1, 1n, bits), e: -bits };
  const { m, e } = expOf(fixed(value, bits), bits);
  const scale = Math.max(-e, 0);
  return { m: shifted(m, e + scale) - (1n << BigInt(scale)), e: -scale };
}

/** Logarithm of a positive number. */
export function logOf({ m, e }: Exact, bits: number): bigint {
  const length = bitLength(m);
  // The mantissa lies in [3/4, 3/2).
  const lower = 4n * m < 3n << BigInt(length);
  const k = lower ? length - 1 : length;
  const one = 1n << BigInt(bits);
  const mantissa = shifted(m, bits - k);
  const s = ((mantissa - one) << BigInt(bits)) / (mantissa + one);
  const square = (s * s) >> BigInt(bits);
  let power = s;
  let sum = 0n;
  for (let j = 1n; power !== 0n && power !== -1n; j += 2n) {
    sum += power / j;
    power = (power * square) >> BigInt(bits);
  }
  return 2n * sum + BigInt(e + k) * ln2(bits);
}

export function log(x: number): Exact {
  return { m: logOf(exactly(x), 500), e: -500 };
}

export function log1p(x: number): Exact {
  const value = exactly(x);
  const bits = bitsFor(value) + 100;
  const m = (1n << BigInt(bits)) + fixed(value, bits);
  return { m: logOf({ m, e: -bits }, bits), e: -bits };
}

function quadrant(x: number): { readonly n: number; readonly r: bigint; readonly bits: number } {
  const value = exactly(x);
  const bits = Math.abs(x) > 1 ? 1500 : bitsFor(value);
  const t = fixed(value, bits);
  const half = pi(bits) / 2n;
  const n = roundedQuotient(t, half);
  return { n: Number(((n % 4n) + 4n) % 4n), r: t - n * half, bits };
}

function sinCos(x: number): { readonly sin: bigint; readonly cos: bigint; readonly bits: number } {
  const { n, r, bits } = quadrant(x);
  const less = Math.min(bits, 400 + 3 * Math.max(0, bits - bitLength(r)));
  const t = shifted(r, less - bits);
  const s = taylor(t, 1, 2, -1n, less);
  const c = taylor(t, 0, 2, -1n, less);
  const turns: readonly (readonly [bigint, bigint])[] = [
    [s, c],
    [c, -s],
    [-s, -c],
    [-c, s],
  ];
  const [sin = 0n, cos = 0n] = turns[n] ?? [];
  return { sin, cos, bits: less };
}

export function sin(x: number): Exact {
  const { sin: m, bits } = sinCos(x);
  return { m, e: -bits };
}

export function cos(x: number): Exact {
  const { cos: m, bits } = sinCos(x);
  return { m, e: -bits };
}

/** a / b */
export function ratio(a: Exact, b: Exact): Exact {
  const more = Math.max(0, 400 - bitLength(a.m) + bitLength(b.m));
  return { m: (a.m << BigInt(more)) / b.m, e: a.e - b.e - more };
}

export function tan(x: number): Exact {
  const { sin: s, cos: c, bits } = sinCos(x);
  return ratio({ m: s, e: -bits }, { m: c, e: -bits });
}

export function plus(a: Exact, b: Exact): Exact {
  const e = Math.min(a.e, b.e);
  return { m: shifted(a.m, a.e - e) + shifted(b.m, b.e - e), e };
}

export function tanh(x: number): Exact {
  const e = expm1(2 * x);
  return ratio(e, plus(e, { m: 2n, e: 0 }));
}

export function sigmoid(x: number): Exact {
  const e = exp(x);
  return ratio(e, plus(e, { m: 1n, e: 0 }));
}

/** x^y for x > 0 and a result that is not far outside the range of floats. */
export function pow(x: number, y: number): Exact {
  const { m, e } = exactly(y);
  const bits = 500 + Math.max(0, e + bitLength(m));
  return expOf(shifted(logOf(exactly(x), bits) * m, e), bits);
}

/** Error of a float in units in the last place of the exact value. */
export function ulps(computed: number, exact: Exact, type: 'float64' | 'float32'): number {
  const { m, e } = exact;
  const [digits, lowest, largest] =
    type === 'float64' ? [53, -1074, Number.MAX_VALUE] : [24, -149, 2 ** 128 - 2 ** 104];
  const unit = Math.max(e + bitLength(m) - digits, lowest);
  if (!Number.isFinite(computed))
    return Number.isNaN(computed) || !rounds(exact, computed, largest)
      ? Number.POSITIVE_INFINITY
      : 0;
  const value = exactly(computed);
  const scale = Math.min(e, value.e, unit) - 20;
  const difference = shifted(m, e - scale) - shifted(value.m, value.e - scale);
  return Number((absolute(difference) << 20n) >> BigInt(unit - scale)) / 2 ** 20;
}

/** Whether a number is so large that it rounds to an infinity of that sign. */
function rounds(exact: Exact, infinite: number, largest: number): boolean {
  const { m, e } = exactly(largest);
  const digits = bitLength(m) - trailingZeros(m);
  const half = { m: 1n, e: e + bitLength(m) - digits - 1 };
  const excess = plus({ m: infinite > 0 ? exact.m : -exact.m, e: exact.e }, { m: -m, e });
  return plus(excess, { m: -half.m, e: half.e }).m >= 0n;
}

function trailingZeros(m: bigint): number {
  return (m & -m).toString(2).length - 1;
}
