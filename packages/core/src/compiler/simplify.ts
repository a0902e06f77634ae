import type { Program } from '../program/program.ts';
import { verify } from '../program/verify.ts';
import { eliminate } from './eliminate.ts';
import { type RewriteOptions, rewrite } from './rewrite.ts';
import { thinResiduals } from './thin-residuals.ts';

export interface SimplifyOptions extends RewriteOptions {
  /** Verifies the Program after each pass. */
  readonly check?: boolean;
}

/**
 * Rewrites a Program to one that gives the same results with less work, in time linear in its
 * size. `rewrite` goes through the equations once, expanding operations that have no kernel code,
 * reusing equal equations, applying algebra that is exact in floating point, and moving what does
 * not change out of loops; `thinResiduals` lets loops collect less for their derivatives; `eliminate`
 * drops what nothing needs.
 */
export function simplify(
  program: Program,
  { check = false, ...options }: SimplifyOptions = {},
): Program {
  const passes = { rewrite: (p: Program) => rewrite(p, options), thinResiduals, eliminate };
  let current = program;
  for (const [name, pass] of Object.entries(passes)) {
    current = pass(current);
    if (check) verify(current, name);
  }
  return current;
}
