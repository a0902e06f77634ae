import type { Published } from './published.ts';

/** What a result is held against. */
export type Reference =
  | Published
  /** A value known exactly, such as a conservation law, and the difference that is allowed. */
  | { readonly kind: 'exact'; readonly value: number; readonly tolerance: number }
  /** An error measure that must not exceed a limit. */
  | { readonly kind: 'atMost'; readonly limit: number }
  /** A quality, such as a share of right answers, that must reach a limit. */
  | { readonly kind: 'atLeast'; readonly limit: number };

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
  if (reference === undefined || !('value' in reference)) return undefined;
  return Math.abs(result - reference.value);
}

/** Whether the reference is met. A result that is not a number never meets one. */
export function verdict(row: Row): Verdict {
  const { result, reference } = row;
  if (reference === undefined) return 'none';
  return meets(result, reference) ? 'met' : 'missed';
}

function meets(result: number, reference: Reference): boolean {
  switch (reference.kind) {
    case 'atMost':
      return result <= reference.limit;
    case 'atLeast':
      return result >= reference.limit;
    default:
      return Math.abs(result - reference.value) <= reference.tolerance;
  }
}
