import { type Tensor, tensor } from '@grad/core';

const COMPLEMENTS = new Map(
  [...'ACGTURYSWKMBDHVN'].map((base, i) => [base, 'TGCAAYRSWMKVHDBN'.charAt(i)]),
);

/** The order of bases in tensors. */
export const BASES = 'ACGT';

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

/** How bases become numbers. */
export interface OneHotOptions {
  /** float32 when left out. */
  readonly dtype?: 'float32' | 'float64';
}

/** Shares of A, C, G and T, base after base. */
function shares(name: string, sequence: string): number[] {
  return Array.from(sequence).flatMap((base, i) => {
    const meaning = MEANINGS[base.toUpperCase()] ?? refuse(name, sequence, i);
    return Array.from(BASES, (letter) => (meaning.includes(letter) ? 1 / meaning.length : 0));
  });
}

/**
 * Bases as rows in the order A, C, G, T: `[length, 4]`. An ambiguous base shares its row equally among
 * the bases that it stands for.
 *
 * @throws RangeError at a character that is no IUPAC base, or when there is none at all.
 */
export function oneHotDna(sequence: string, { dtype = 'float32' }: OneHotOptions = {}): Tensor {
  if (sequence.length === 0) {
    throw new RangeError('oneHotDna: the sequence is empty.');
  }
  const rows = tensor(Float64Array.from(shares('oneHotDna', sequence)));
  return rows.astype(dtype).reshape([sequence.length, 4]);
}

/** Sequences side by side. */
export interface DnaBatch {
  /** `[sequences, longest, 4]`, with zeros after the end of a shorter one. */
  readonly x: Tensor;
  /** `[sequences, longest]`: 1 where there is a base, 0 after the end. */
  readonly mask: Tensor;
}

/**
 * Sequences of any lengths as one tensor, as `oneHotDna` has them. Recurrent layers go over the first
 * axis: give them `x.transpose([1, 0, 2])` and `mask.transpose([1, 0])`.
 *
 * @throws RangeError at a character that is no IUPAC base, or when there is none at all.
 */
export function oneHotBatch(
  sequences: readonly string[],
  { dtype = 'float32' }: OneHotOptions = {},
): DnaBatch {
  const longest = Math.max(0, ...sequences.map(({ length }) => length));
  if (longest === 0) {
    throw new RangeError('oneHotBatch: there is no base in the sequences.');
  }
  const rows = new Float64Array(sequences.length * longest * 4);
  const mask = new Float64Array(sequences.length * longest);
  for (const [i, sequence] of sequences.entries()) {
    rows.set(shares(`oneHotBatch: sequence ${i + 1}`, sequence), i * longest * 4);
    mask.fill(1, i * longest, i * longest + sequence.length);
  }
  return {
    x: tensor(rows).astype(dtype).reshape([sequences.length, longest, 4]),
    mask: tensor(mask).astype(dtype).reshape([sequences.length, longest]),
  };
}
