import { type Tensor, tensor } from '@grad/core';

const COMPLEMENTS = new Map(
  [...'ACGTURYSWKMBDHVN'].map((base, i) => [base, 'TGCAAYRSWMKVHDBN'.charAt(i)]),
);

const MEANINGS: Readonly<Record<string, string>> = {
  A: 'A',
  C: 'C',
  G: 'G',
  T: 'T',
  U: 'T',
  R: 'AG',
  Y: 'CT',
  S: 'CG',
  W: 'AT',
  K: 'GT',
  M: 'AC',
  B: 'CGT',
  D: 'AGT',
  H: 'ACT',
  V: 'ACG',
  N: 'ACGT',
};

function refuse(name: string, sequence: string, at: number): never {
  throw new RangeError(
    `${name}: character ${at + 1} is ${JSON.stringify(sequence.charAt(at))}, which is no base. Bases are A, C, G, T, U and the codes of IUPAC such as N.`,
  );
}

/**
 * The other strand, read from its own start. Case is kept; U gives A.
 *
 * @throws RangeError at a character that is no IUPAC base.
 */
export function reverseComplement(sequence: string): string {
  const made: string[] = [];
  for (let i = sequence.length - 1; i >= 0; i--) {
    const base = sequence.charAt(i);
    const upper = base.toUpperCase();
    const other = COMPLEMENTS.get(upper) ?? refuse('reverseComplement', sequence, i);
    made.push(base === upper ? other : other.toLowerCase());
  }
  return made.join('');
}

/**
 * Bases as rows in the order A, C, G, T: `[length, 4]`. An ambiguous base shares its row equally among
 * the bases that it stands for.
 *
 * @throws RangeError at a character that is no IUPAC base, or when there is none at all.
 */
export function oneHotDna(
  sequence: string,
  { dtype = 'float32' }: { readonly dtype?: 'float32' | 'float64' } = {},
): Tensor {
  if (sequence.length === 0) {
    throw new RangeError('oneHotDna: the sequence is empty.');
  }
  const rows = Array.from(sequence, (base, i) => {
    const meaning = MEANINGS[base.toUpperCase()] ?? refuse('oneHotDna', sequence, i);
    return Array.from('ACGT', (letter) => (meaning.includes(letter) ? 1 / meaning.length : 0));
  });
  return tensor(rows, { dtype });
}
