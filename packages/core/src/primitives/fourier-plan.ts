import { rootOfUnity } from './root-of-unity.ts';

/** One step of a transform: transforms of length `radix` between those made so far. */
export interface FourierStep {
  readonly radix: number;
  /** Length of the transforms that were made before. */
  readonly done: number;
  /** Where the roots of unity exp(-2 pi i j k / (radix done)) begin, `[radix, done]`; none at first. */
  readonly roots: number;
  /** How a radix that has no code of its own is done: as a convolution. */
  readonly chirp?: ChirpPlan;
}

/** A transform of any length as a convolution with a chirp (Bluestein 1970). */
export interface ChirpPlan {
  /** Where exp(-pi i j^2 / radix) begins, one for each j < radix. */
  readonly chirp: number;
  /** Where the transform of the conjugate chirp, wrapped around and divided by its length, begins. */
  readonly spectrum: number;
  /** The transform by which the convolution is done. */
  readonly inner: FourierPlan;
}

/** How a transform is done, and where in its table of complex constants what is. */
export interface FourierPlan {
  readonly length: number;
  readonly steps: readonly FourierStep[];
  /** Where the entries of the table that belong to it begin, and where they end. */
  readonly from: number;
  readonly to: number;
}

/** Primes up to here have code of their own. */
const largestPrime = 31;

/**
 * The steps of a transform of length n > 0, with a table that begins at an entry. Odd radices come
 * first: what is left over then is a multiple of a power of two, so that rows of it fill vectors.
 */
export function fourierPlan(n: number, from = 0): FourierPlan {
  const steps: FourierStep[] = [];
  let [done, at] = [1, from];
  for (const radix of radicesOf(n)) {
    const roots = at;
    if (done > 1) at += radix * done;
    const chirp = radix > largestPrime ? chirpPlan(radix, at) : undefined;
    steps.push({ radix, done, roots, ...(chirp && { chirp }) });
    if (chirp) at = chirp.inner.to;
    done *= radix;
  }
  return { length: n, steps, from, to: at };
}

function chirpPlan(radix: number, from: number): ChirpPlan {
  const length = smoothLength(2 * radix - 1);
  const spectrum = from + radix;
  return { chirp: from, spectrum, inner: fourierPlan(length, spectrum + length) };
}

/** Factors of n, those without code of their own first, powers of two last. */
function radicesOf(n: number): number[] {
  let rest = n;
  const take = (factor: number): number[] => {
    const found: number[] = [];
    for (; rest % factor === 0; rest /= factor) found.push(factor);
    return found;
  };
  const twos = take(2).length;
  const odd = [...threesOf(take(3).length), ...take(5)];
  for (let factor = 7; factor * factor <= rest; factor += 2) odd.push(...take(factor));
  if (rest > 1) odd.push(rest);
  return [...odd.sort((a, b) => b - a), ...powersOfTwo(twos)];
}

/** So many factors 3, two at a time where possible. */
function threesOf(count: number): number[] {
  const nines = new Array<number>(Math.floor(count / 2)).fill(9);
  return count % 2 === 0 ? nines : [...nines, 3];
}

/** 2^count in steps of 4, which live in registers, and one of 8 where 4 alone does not do. */
function powersOfTwo(count: number): number[] {
  if (count < 4) return count === 0 ? [] : [2 ** count];
  const fours = new Array<number>(Math.floor(count / 2)).fill(4);
  return count % 2 === 0 ? fours : [8, ...fours.slice(1)];
}

/** The least power of two times a small odd number that is at least `least`. */
export function smoothLength(least: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (const odd of [1, 3, 5, 9, 15, 25, 27, 45]) {
    best = Math.min(best, odd * 2 ** Math.max(0, Math.ceil(Math.log2(least / odd))));
  }
  return best;
}

/** Writes the roots of unity of a plan, but no spectrum of a chirp, into its table. */
export function fillRoots(plan: FourierPlan, re: Float64Array, im: Float64Array): void {
  const set = (at: number, m: number, n: number): void => {
    const [cos, sin] = rootOfUnity(m, n);
    re[at] = cos;
    im[at] = -sin;
  };
  for (const { radix, done, roots, chirp } of plan.steps) {
    const n = radix * done;
    for (let j = 0; done > 1 && j < radix; j++) {
      for (let k = 0; k < done; k++) set(roots + j * done + k, j * k, n);
    }
    if (!chirp) continue;
    // j^2 modulo 2 radix, which is exact where j^2 itself would not be.
    for (let j = 0, square = 0; j < radix; j++) {
      set(chirp.chirp + j, square, 2 * radix);
      square = (square + 2 * j + 1) % (2 * radix);
    }
    fillRoots(chirp.inner, re, im);
  }
}
