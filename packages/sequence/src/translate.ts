import { GENETIC_CODES } from './genetic-codes.ts';

/** How to read codons. */
export interface TranslateOptions {
  /** The first base of the first codon: 1, when left out, 2 or 3. */
  readonly codonStart?: number;
  /** NCBI's number of the genetic code; 1, the standard one, when left out. */
  readonly table?: number;
  /** Whether the first codon begins the protein: a start of the code is then M. False when left out. */
  readonly start?: boolean;
}

/**
 * Amino acids of a coding sequence, with `*` for a stop and `X` for a codon with an ambiguous base. One or
 * two bases left over at the end are ignored.
 *
 * @throws RangeError when `codonStart` is not 1, 2 or 3, or there is no genetic code of this number.
 */
export function translate(
  sequence: string,
  { codonStart = 1, table = 1, start = false }: TranslateOptions = {},
): string {
  if (![1, 2, 3].includes(codonStart)) {
    throw new RangeError(`translate: codonStart is ${codonStart}; it must be 1, 2 or 3.`);
  }
  const code = GENETIC_CODES.get(table);
  if (code === undefined) {
    throw new RangeError(
      `translate: there is no genetic code ${table}; there are ${[...GENETIC_CODES.keys()].join(', ')}.`,
    );
  }
  const bases = sequence.toUpperCase().replaceAll('U', 'T');
  let made = '';
  for (let i = codonStart - 1; i + 3 <= bases.length; i += 3) {
    const codon = bases.slice(i, i + 3);
    const digits = Array.from(codon, (base) => 'TCAG'.indexOf(base));
    const index = digits.reduce((sum, digit) => 4 * sum + digit, 0);
    const isStart = start && made === '' && code.starts.has(codon);
    made += isStart ? 'M' : digits.includes(-1) ? 'X' : code.aminoAcids.charAt(index);
  }
  return made;
}
