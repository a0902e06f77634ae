import { reverseComplement } from './dna.ts';

/** A place where an intron could begin or end. */
export interface SpliceCandidate {
  /** A donor has GT, an acceptor AG. */
  readonly site: 'donor' | 'acceptor';
  readonly strand: '+' | '-';
  /**
   * Where the G of the intron lies: its first base at a donor, its last one at an acceptor. Counted
   * from 1 in the sequence as given, on either strand.
   */
  readonly position: number;
  /** Bases around the border of exon and intron, read along the strand, with N past the ends. */
  readonly window: string;
}

/** Where to look. */
export interface SpliceCandidateOptions {
  /** An even number of bases, with the border in the middle; 60 when left out. */
  readonly length?: number;
  /** Both when left out. */
  readonly strands?: 'both' | '+' | '-';
}

/**
 * All places of a sequence where an intron could begin (GT) or end (AG), which is where nearly all do.
 * What speaks for each is for a model to say: see `spliceModel`.
 *
 * @throws RangeError when `length` is no even number of 2 or more, or a base is none, on the other strand.
 */
export function spliceCandidates(
  sequence: string,
  { length = 60, strands = 'both' }: SpliceCandidateOptions = {},
): SpliceCandidate[] {
  if (!Number.isSafeInteger(length) || length < 2 || length % 2 !== 0) {
    throw new RangeError(
      `spliceCandidates: length is ${length}; it must be an even number of 2 or more.`,
    );
  }
  const found: SpliceCandidate[] = [];
  if (strands !== '-') found.push(...onStrand(sequence, '+', length));
  if (strands !== '+') found.push(...onStrand(reverseComplement(sequence), '-', length));
  return found.sort((a, b) => a.position - b.position);
}

function onStrand(given: string, strand: '+' | '-', length: number): SpliceCandidate[] {
  const bases = given.toUpperCase().replaceAll('U', 'T');
  const half = length / 2;
  const edge = 'N'.repeat(half);
  const padded = edge + bases + edge;
  const made: SpliceCandidate[] = [];
  for (let i = 0; i + 1 < bases.length; i++) {
    const pair = bases.slice(i, i + 2);
    if (pair !== 'GT' && pair !== 'AG') continue;
    const [site, border, g] =
      pair === 'GT' ? (['donor', i, i] as const) : (['acceptor', i + 2, i + 1] as const);
    made.push({
      site,
      strand,
      position: strand === '+' ? g + 1 : bases.length - g,
      window: padded.slice(border, border + length),
    });
  }
  return made;
}
