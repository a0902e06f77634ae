import { Cache } from '../program/cache.ts';
import { structuralKey } from '../program/hash.ts';
import type { Program } from '../program/program.ts';
import { executor } from '../trace/executor.ts';
import { isTraced } from '../trace/trace.ts';
import { type LinearizedProgram, linearizeProgram } from './linearize-program.ts';

const linearized = new Cache<LinearizedProgram>(512);

/** `linearizeProgram` of the simplified Program, once for each structure. */
export function linearizeOnce(program: Program, active: readonly boolean[]): LinearizedProgram {
  const key = `${structuralKey(program)}|${active}`;
  const made = linearized.peek(key) ?? linearizeProgram(executor().simplify(program), active);
  return made.captures.some(isTraced) ? made : linearized.get(key, () => made);
}
