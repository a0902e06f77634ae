import { published, type Row } from '@grad/tour';

/** A figure held against printed digits. */
export function printedRow(what: string, result: number, digits: string): Row {
  return { what, result, reference: published(digits) };
}

/** A figure held against a value, with the difference that is allowed. */
export function nearRow(what: string, result: number, value: number, tolerance: number): Row {
  return { what, result, reference: { kind: 'exact', value, tolerance } };
}

/** A figure that must not exceed a limit. */
export function atMostRow(what: string, result: number, limit: number): Row {
  return { what, result, reference: { kind: 'atMost', limit } };
}

/** A figure that must reach a limit. */
export function atLeastRow(what: string, result: number, limit: number): Row {
  return { what, result, reference: { kind: 'atLeast', limit } };
}

/** Something that either holds or does not. */
export function holdsRow(what: string, holds: boolean): Row {
  return nearRow(what, Number(holds), 1, 0);
}

/** A figure that nothing is asked of. */
export function plainRow(what: string, result: number): Row {
  return { what, result };
}

/** Largest of |x - y| / max(1, |y|) over two lists of numbers; NaN where their lengths differ. */
export function largestDifference(x: ArrayLike<number>, y: ArrayLike<number>): number {
  if (x.length !== y.length) return Number.NaN;
  let worst = 0;
  for (let i = 0; i < y.length; i++) {
    const [a = Number.NaN, b = Number.NaN] = [x[i], y[i]];
    const off = Math.abs(a - b) / Math.max(1, Math.abs(b));
    if (!(off <= worst)) worst = off;
  }
  return worst;
}
