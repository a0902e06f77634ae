import type { GenbankLocation } from './location.ts';

/** What is cut out between two parts of a location. */
export interface Intron {
  /** First and last base, counted from 1 on the strand of the record: start is the smaller one. */
  readonly start: number;
  readonly end: number;
  /** On the other strand: it is read from `end` to `start`. */
  readonly complement: boolean;
}

/**
 * The introns of a joined location, such as that of a CDS: what lies between parts that follow one
 * another on one strand of the same record. Other parts, and those that touch or overlap, have none
 * between them.
 */
export function introns({ operator, parts }: GenbankLocation): Intron[] {
  if (operator !== 'join') return [];
  return parts.slice(1).flatMap((next, i) => {
    const last = parts[i];
    if (last === undefined || last.complement !== next.complement) return [];
    if (last.remote !== undefined || next.remote !== undefined) return [];
    const { complement } = next;
    const [left, right] = complement ? [next, last] : [last, next];
    const [start, end] = [left.end + 1, right.start - 1];
    return start <= end ? [{ start, end, complement }] : [];
  });
}
