import type { Atom, Equation, Program, Var } from '../program/program.ts';
import type { Level, LoopStep } from './level.ts';
import type { Scope } from './place.ts';
import type { Rewriter } from './rewrite.ts';

/** What the compiler does with loops and choices. */
export interface LoopCompiler {
  /** The results of one whose Programs are rewritten. */
  rewrite(r: Rewriter, equation: Equation): readonly Atom[];
  /** The same without what no `needed` result depends on. */
  shrink(equation: Equation, needed: ReadonlySet<Var>): Equation;
  /** A Program in which loops side by side are one. */
  joinScans(program: Program): Program;
  /** A Program in which loops collect less for others. */
  thinResiduals(program: Program): Program;
  /** The steps of its Programs. */
  build(equation: Equation, levelOf: (program: Program) => Level): LoopStep;
  /** Writes down its statements. */
  place(scope: Scope, step: LoopStep): void;
}

let current: LoopCompiler | undefined;

/** Loops bring along what compiles them, so that a page without them does not load it. */
export function setLoopCompiler(compiler: LoopCompiler): void {
  current = compiler;
}

/** What compiles loops; undefined where there are none. */
export function loopCompilerIfAny(): LoopCompiler | undefined {
  return current;
}

/** What compiles a loop that there is. */
export function loopCompiler(): LoopCompiler {
  if (current === undefined) throw new Error('A loop came without what compiles it.');
  return current;
}
