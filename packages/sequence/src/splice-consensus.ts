/**
 * What splice sites look like on average, and sequences drawn from it. Positions are taken to be
 * independent, as Shapiro and Senapathy (1987) scored sites; so that the probability of each class given
 * a window is known, and with it the accuracy that no classifier of such windows can beat.
 */
import { random, type Tensor, tensor } from '@grad/core';
import { BASES } from './dna.ts';
import { SPLICE_SITES, type SpliceSite } from './splice-window.ts';

/** How often each base occurs at places around a border. */
export interface SiteFrequencies {
  /** Place of the first row, counted from the first base after the border, 0. */
  readonly from: number;
  /** Percent of A, C, G and T. */
  readonly rows: readonly (readonly [a: number, c: number, g: number, t: number])[];
}

/**
 * Percentages in the 767 donors and 768 acceptors of UCI's splice junctions of primates (Towell,
 * Noordewier and Shavlik 1991), rounded; each row is divided by its sum where it is used.
 */
export const SPLICE_CONSENSUS: Readonly<Record<'donor' | 'acceptor', SiteFrequencies>> = {
  donor: {
    from: -3,
    rows: [
      [33, 38, 17, 13],
      [58, 14, 15, 13],
      [8, 3, 82, 7],
      [0, 0, 100, 0],
      [0, 1, 0, 99],
      [49, 2, 47, 2],
      [72, 9, 13, 6],
      [5, 5, 86, 5],
      [16, 16, 22, 45],
    ],
  },
  acceptor: {
    from: -20,
    rows: [
      [18, 28, 20, 33],
      [16, 33, 18, 33],
      [14, 37, 16, 33],
      [15, 38, 15, 32],
      [13, 39, 15, 33],
      [11, 38, 12, 39],
      [10, 35, 13, 42],
      [8, 35, 13, 44],
      [7, 37, 11, 44],
      [7, 36, 11, 46],
      [9, 37, 9, 45],
      [10, 36, 11, 43],
      [5, 42, 11, 41],
      [8, 45, 7, 39],
      [5, 46, 6, 43],
      [7, 40, 7, 46],
      [24, 31, 25, 20],
      [2, 79, 1, 18],
      [100, 0, 0, 0],
      [0, 0, 100, 0],
      [28, 14, 48, 10],
    ],
  },
};

/** Windows drawn from {@link SPLICE_CONSENSUS}, and what is in them. */
export interface DrawnSites {
  readonly sequences: readonly string[];
  /** int32 `[n]`, places in `SPLICE_SITES` */
  readonly labels: Tensor;
}

const PRIOR: Readonly<Record<SpliceSite, number>> = { donor: 0.25, acceptor: 0.25, none: 0.5 };

/** Of windows with no site: the share that has GT, or AG, where a site would have it. */
const DECOYS = 0.25;

/**
 * Windows of DNA drawn from a seed: a quarter each donors and acceptors, by their consensus, and the
 * rest without a site. All other bases are equally likely; of windows without a site a quarter has GT
 * like a donor, and a quarter AG like an acceptor.
 *
 * @param length even, 44 at least, so that a whole site fits; 60 when left out
 * @throws RangeError when n is no whole number of 1 or more, or the length does not fit.
 */
export function drawSpliceSites(
  key: Tensor,
  n: number,
  { length = 60 }: { readonly length?: number } = {},
): DrawnSites {
  if (!Number.isSafeInteger(n) || n < 1) {
    throw new RangeError(`drawSpliceSites: n is ${n}; it must be a whole number of 1 or more.`);
  }
  checkLength('drawSpliceSites', length);
  const draws = random.uniform(key, [n, length + 2]).dataSync();
  const labels = new Int32Array(n);
  const sequences = Array.from({ length: n }, (_, i) => {
    const at = (k: number): number => Number(draws[i * (length + 2) + k]);
    const label = pick(
      SPLICE_SITES.map((site) => PRIOR[site]),
      at(length),
    );
    labels[i] = label;
    const site = SPLICE_SITES[label] ?? 'none';
    const bases = Array.from({ length }, (_, k) =>
      BASES.charAt(pick(frequenciesAt(site, k - length / 2), at(k))),
    );
    const half = length / 2;
    if (site === 'none' && at(length + 1) < DECOYS) bases.splice(half, 2, 'G', 'T');
    else if (site === 'none' && at(length + 1) < 2 * DECOYS) bases.splice(half - 2, 2, 'A', 'G');
    return bases.join('');
  });
  return { sequences, labels: tensor(labels) };
}

/**
 * Probabilities of donor, acceptor and neither, in the order of `SPLICE_SITES`, for a window that
 * `drawSpliceSites` drew. An ambiguous base counts as unknown.
 *
 * @throws RangeError when the length is odd or below 44.
 */
export function consensusPosterior(
  sequence: string,
): [donor: number, acceptor: number, none: number] {
  checkLength('consensusPosterior', sequence.length);
  const bases = sequence.toUpperCase();
  const half = bases.length / 2;
  // Likelihoods over that of equally likely bases.
  const ratio = (site: 'donor' | 'acceptor'): number => {
    const { from, rows } = SPLICE_CONSENSUS[site];
    return rows.reduce((product, _, k) => {
      const base = BASES.indexOf(bases.charAt(half + from + k));
      return base < 0 ? product : product * 4 * (frequenciesAt(site, from + k)[base] ?? 0);
    }, 1);
  };
  const hasGt = bases.startsWith('GT', half) ? 16 : 0;
  const hasAg = bases.startsWith('AG', half - 2) ? 16 : 0;
  const donor = PRIOR.donor * ratio('donor');
  const acceptor = PRIOR.acceptor * ratio('acceptor');
  const none = PRIOR.none * (1 - 2 * DECOYS + DECOYS * hasGt + DECOYS * hasAg);
  const all = donor + acceptor + none;
  return [donor / all, acceptor / all, none / all];
}

function checkLength(name: string, length: number): void {
  if (!Number.isSafeInteger(length) || length % 2 !== 0 || length < 44) {
    throw new RangeError(`${name}: the length is ${length}; it must be even, and 44 at least.`);
  }
}

const EVEN = [0.25, 0.25, 0.25, 0.25] as const;

function frequenciesAt(site: SpliceSite, place: number): readonly number[] {
  if (site === 'none') return EVEN;
  const { from, rows } = SPLICE_CONSENSUS[site];
  const row = rows[place - from];
  if (row === undefined) return EVEN;
  const sum = row.reduce((a, b) => a + b, 0);
  return row.map((percent) => percent / sum);
}

/** The first place at which the running sum of probabilities passes u. */
function pick(probabilities: readonly number[], u: number): number {
  let sum = 0;
  const found = probabilities.findIndex((p) => {
    sum += p;
    return u < sum;
  });
  return found < 0 ? probabilities.length - 1 : found;
}
