// NCBI's table 1, codons in the order TTT, TTC, TTA, TTG, TCT, ...
const STANDARD = 'FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG';

/**
 * Amino acids of a coding sequence by the standard genetic code, with `*` for a stop and `X` for a
 * codon with an ambiguous base. One or two bases left over at the end are ignored.
 *
 * @throws RangeError when `codonStart` is not 1, 2 or 3.
 */
export function translate(
  sequence: string,
  { codonStart = 1 }: { readonly codonStart?: number } = {},
): string {
  if (![1, 2, 3].includes(codonStart)) {
    throw new RangeError(`translate: codonStart is ${codonStart}; it must be 1, 2 or 3.`);
  }
  const bases = sequence.toUpperCase().replaceAll('U', 'T');
  let made = '';
  for (let i = codonStart - 1; i + 3 <= bases.length; i += 3) {
    const digits = [0, 1, 2].map((k) => 'TCAG'.indexOf(bases.charAt(i + k)));
    const index = digits.reduce((sum, digit) => 4 * sum + digit, 0);
    made += digits.includes(-1) ? 'X' : STANDARD.charAt(index);
  }
  return made;
}
