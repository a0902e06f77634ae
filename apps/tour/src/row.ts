import type { Published } from './published.ts';

/** What a result is held against. */
export type Reference =
  | Published
  /** A value known exactly, such as a conservation law, and the difference that is allowed. */
  | { readonly kind: 'exact'; readonly value: number; readonly tolerance: number }
  /** An error measure that must not exceed a limit. */
  | { readonly kind: 'atMost'; readonly limit: number };

export type Verdict = 'met' | 'missed' | 'none';

/** One line of a job's table. */
export interface Row {
  readonly what: string;
  readonly result: number;
  readonly reference?: Reference;
  /** Where the reference comes from. */
  readonly source?: string;
  /** Time that the result took, where it was timed. */
  readonly seconds?: number;
}

/** Absolute difference from the reference value; undefined where there is no value to compare with. */
export function difference({ result, reference }: Row): number | undefined {
  if (reference === undefined || reference.kind === 'atMost') return undefined;
  return Math.abs(result - reference.value);
}

/** Whether the reference is met. A result that is not a number never meets one. */
export function verdict(row: Row): Verdict {
  const { result, reference } = row;
  if (reference === undefined) return 'none';
  const met =
    reference.kind === 'atMost'
      ? result <= reference.limit
      : Math.abs(result - reference.value) <= reference.tolerance;
  return met ? 'met' : 'missed';
}
