import type { Program } from '../program/program.ts';
import { verify } from '../program/verify.ts';
import { eliminate } from './eliminate.ts';
import { type RewriteOptions, rewrite } from './rewrite.ts';

export interface SimplifyOptions extends RewriteOptions {
  /** Verifies the Program after each pass. */
  readonly check?: boolean;
}

/**
 * Rewrites a Program to one that gives the same results with less work, in time linear in its
 * size. `rewrite` goes through the equations once, expanding operations that have no kernel code,
 * reusing equal equations, applying algebra that is exact in floating point, and moving what does
 * not change out of loops; `eliminate` drops what nothing needs.
 */
export function simplify(
  program: Program,
  { check = false, ...options }: SimplifyOptions = {},
): Program {
  const rewritten = rewrite(program, options);
  if (check) verify(rewritten, 'rewrite');
  const result = eliminate(rewritten);
  return check ? verify(result, 'eliminate') : result;
}
