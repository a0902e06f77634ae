import type { GenbankFeature, GenbankRecord } from './genbank.ts';
import { extractLocation, type GenbankLocation } from './location.ts';
import { translate } from './translate.ts';

/** What a coding sequence says. */
export interface CodingSequence {
  /** Its exons, joined and on the strand that is read. */
  readonly bases: string;
  /** Amino acids, without the stop at the end. */
  readonly protein: string;
}

/**
 * Splices and translates a CDS of a GenBank record as its qualifiers say: `/codon_start`, `/transl_table`,
 * and a start codon as methionine, unless it is open where it begins. Exceptions in `/transl_except`, such
 * as selenocysteine, are not made.
 *
 * @throws RangeError when a part lies in another record, or past the end of this one, or there is no such
 * genetic code.
 */
export function codingSequence(
  { sequence }: GenbankRecord,
  { location, qualifiers }: GenbankFeature,
): CodingSequence {
  const numberOf = (name: string): number => Number(qualifiers.get(name)?.[0] ?? 1);
  const bases = extractLocation(sequence, location);
  const codonStart = numberOf('codon_start');
  const protein = translate(bases, {
    codonStart,
    table: numberOf('transl_table'),
    start: codonStart === 1 && !isOpen(location),
  });
  return { bases, protein: protein.replace(/\*$/, '') };
}

/** Whether bases are missing where reading begins. */
function isOpen({ parts: [first] }: GenbankLocation): boolean {
  return (first?.complement ? first.openEnd : first?.openStart) ?? false;
}
