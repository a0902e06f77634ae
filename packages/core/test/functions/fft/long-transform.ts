/**
 * Discrete Fourier transforms by their definition, in whole numbers of 2^-120: nothing is shared with
 * what is tested, and rounding plays no part.
 */

const bits = 120n;
const one = 1n << bits;

/** atan(1 / x) by its series. */
function arcTangent(x: bigint): bigint {
  let [sum, power] = [0n, one / x];
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += k % 4n === 1n ? power / k : -power / k;
    power /= x * x;
  }
  return sum;
}

/** By Machin's formula. */
const pi = 16n * arcTangent(5n) - 4n * arcTangent(239n);

/** Cosine and sine of 2 pi m / n by their series. */
function longRoot(m: bigint, n: bigint): readonly [cos: bigint, sin: bigint] {
  const angle = (2n * pi * m) / n;
  const sums: [bigint, bigint] = [0n, 0n];
  let term = one;
  for (let k = 0n; term !== 0n; ) {
    const sign = k % 4n < 2n ? term : -term;
    if (k % 2n === 0n) sums[0] += sign;
    else sums[1] += sign;
    k += 1n;
    term = (term * angle) / (one * k);
  }
  return sums;
}

/** A number that is a multiple of 2^-60. */
function long(x: number): bigint {
  return BigInt(x * 2 ** 60) << (bits - 60n);
}

function short(x: bigint): number {
  return Number(x >> (bits - 100n)) * 2 ** -100;
}

/** Cosine and sine of 2 pi m / n, for m from 0 to n. */
export function exactRoot(m: number, n: number): readonly [cos: number, sin: number] {
  const [cos, sin] = longRoot(BigInt(m), BigInt(n));
  return [short(cos), short(sin)];
}

export interface Numbers {
  readonly re: readonly number[];
  readonly im: readonly number[];
}

/** The elements k of the transform of numbers that are multiples of 2^-60; all of them when left out. */
export function longTransform(
  { re, im }: Numbers,
  ks: readonly number[] = [...re.keys()],
): Numbers {
  const n = BigInt(re.length);
  const roots = re.map((_, m) => longRoot(BigInt(m), n));
  const [left, right] = [re.map(long), im.map(long)];
  const results = ks.map((k) => {
    let [x, y] = [0n, 0n];
    left.forEach((u, j) => {
      const [cos, sin] = roots[(j * k) % re.length] ?? [0n, 0n];
      const v = right[j] ?? 0n;
      x += u * cos + v * sin;
      y += v * cos - u * sin;
    });
    return [short(x >> bits), short(y >> bits)] as const;
  });
  return { re: results.map(([x]) => x), im: results.map(([, y]) => y) };
}

/** Multiples of 2^-20 between -1 and 1 that look random and repeat. */
export function mixed(n: number, seed = 1): number[] {
  let state = seed;
  return Array.from({ length: n }, () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return ((state >> 10) - 2 ** 20) * 2 ** -20;
  });
}

/** The root of the sum of squares of differences over that of squares. */
export function relativeError(actual: Numbers, expected: Numbers): number {
  let [error, size] = [0, 0];
  for (const part of ['re', 'im'] as const) {
    expected[part].forEach((x, k) => {
      error += ((actual[part][k] ?? Number.NaN) - x) ** 2;
      size += x * x;
    });
  }
  return size === 0 ? Math.sqrt(error) : Math.sqrt(error / size);
}
