import type { Outcome } from './check.ts';

/** Calls of public functions with wrong arguments: each must throw an error that says what is wrong. */
export function checkMisuse(seed: number): Outcome {
  return { verdicts: { [`misuse ${seed}`]: 'outside' }, failures: [] };
}
