import type { Program } from '../program/program.ts';
import { eliminate } from './eliminate.ts';
import { loopCompilerIfAny } from './loop-compiler.ts';
import { type RewriteOptions, rewrite } from './rewrite.ts';

export interface SimplifyOptions extends RewriteOptions {
  /** Sees the Program after each pass, and throws where it is none: `verify`. */
  readonly check?: (program: Program, pass: string) => void;
}

/**
 * Rewrites a Program to one that gives the same results with less work, in time linear in its
 * size. `rewrite` goes through the equations once, expanding operations that have no kernel code,
 * reusing equal equations, applying algebra that is exact in floating point, and moving what does
 * not change out of loops; `thinResiduals` lets loops collect less for their derivatives; `eliminate`
 * drops what nothing needs, and does so first of all because transforms leave much of that behind,
 * also equations that cannot be expanded. What is going to be compiled, and not differentiated any
 * more, has loops that run side by side joined before that (`joinScans`).
 */
export function simplify(program: Program, { check, ...options }: SimplifyOptions = {}): Program {
  const expand = (p: Program): Program => rewrite(p, options);
  let current = program;
  const loops = loopCompilerIfAny();
  const first = loops && options.expand !== false ? [loops.joinScans] : [];
  const thin = loops ? [loops.thinResiduals] : [];
  for (const pass of [...first, eliminate, expand, ...thin, eliminate]) {
    current = pass(current);
    check?.(current, pass.name);
  }
  return current;
}
