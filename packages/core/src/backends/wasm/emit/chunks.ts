import type { Expr, Loop } from '../../../kernel/expr.ts';
import type { Kernel, Statement } from '../../../kernel/statement.ts';
import { effectsOf, innerStatements, inPostOrder, statementExprs } from './effects.ts';
import { FunctionEmitter } from './function.ts';
import { type Outliner, StatementPrinter } from './statements.ts';
import { KernelStorage } from './storage.ts';
import { tileNest } from './tile-nest.ts';

type For = Extract<Statement, { do: 'for' }>;

/** Elements computed in one call, about; and how many make it worth while to have several. */
const chunkWork = 2 ** 13;
const largeWork = 2 ** 15;

/**
 * Long loops of a kernel are printed as a function for a range of iterations, called for one range
 * after the other: the first calls may run code that V8 has not optimised yet, and no function
 * that is running is ever replaced by its better form.
 */
export function chunksOf(kernel: Kernel): Outliner {
  return {
    forLoop: (statement, printer) => {
      if (printer.emitter.scopes.length > 1) return false;
      const { code, builder, parts } = printer.emitter;
      if (parts.shared?.shareLoop(printer, kernel, statement)) return true;
      const split = splitOf(statement);
      if (split === undefined) return false;
      const from = builder.newLocal('i32');
      code.i32(0);
      code.set(from);
      printChunks(printer, kernel, statement, split, from, () => {});
      printer.invalidate(effectsOf([statement]));
      return true;
    },
    whileLoop: () => false,
  };
}

/** A loop in pieces of `count` iterations, up to `whole`, and one of what is left. */
export interface Split {
  readonly extent: number;
  readonly count: number;
  readonly whole: number;
}

/** How a loop of a kernel's body is cut; undefined when it is short or needs what is around it. */
export function splitOf(statement: For): Split | undefined {
  const { extent } = statement.loop;
  // Tiles have functions of their own, and share what they read.
  if (extent === undefined || !standsAlone(statement) || tileNest(statement)) return undefined;
  const work = workOf([statement]);
  return work < largeWork ? undefined : cutInto(extent, (chunkWork * extent) / work);
}

/** A loop in pieces of about so many iterations; undefined where that is all of them. */
export function cutInto(extent: number, most: number): Split | undefined {
  const count = Math.max(4, Math.floor(most / 4) * 4);
  return count >= extent ? undefined : { extent, count, whole: extent - (extent % count) };
}

/** Pieces between two looks at the fuel where threads share them. */
export const group = 16;

/** Iterations between two looks at the fuel. */
export function stepOf(printer: StatementPrinter, { parallel }: For, { count }: Split): number {
  return parallel && printer.emitter.parts.shared ? group * count : count;
}

/** Prints the calls for all pieces from the iteration in a local on; `before` each but the last. */
export function printChunks(
  printer: StatementPrinter,
  kernel: Kernel,
  statement: For,
  split: Split,
  from: number,
  before: () => void,
): void {
  const { code } = printer.emitter;
  const { extent, count, whole } = split;
  if (printer.emitter.parts.shared?.shareChunks(printer, kernel, statement, split, from, before)) {
    return;
  }
  const call = (size: number): void => {
    const index = printChunk(printer, kernel, statement, size);
    for (const i of kernel.params.keys()) code.get(i);
    code.get(from);
    code.call(index);
  };
  code.loop(() => {
    before();
    call(count);
    code.get(from);
    code.i32(count);
    code.op('i32.add');
    code.tee(from);
    code.i32(whole);
    code.op('i32.lt_s');
    code.brIf(0);
  });
  if (extent > whole) call(extent - whole);
}

/** A function of the kernel's parameters and the first iteration of a range. */
export function printChunk(
  outer: StatementPrinter,
  kernel: Kernel,
  statement: For,
  count: number,
): number {
  const { parts } = outer.emitter;
  const params = [...kernel.params, statement.loop].map(() => 'i32' as const);
  const builder = parts.module.function(params, []);
  const emitter = new FunctionEmitter(parts, builder);
  const storage = new KernelStorage(emitter, kernel.name, kernel.params);
  const range = { loop: statement.loop, from: kernel.params.length, count };
  new StatementPrinter(emitter, storage, { range }).print([statement]);
  return builder.index;
}

/** Whether a loop needs nothing of the function around it but its parameters. */
export function standsAlone(statement: For): boolean {
  const { sets, drives } = effectsOf([statement]);
  return !drives && (statement.parallel || sets.size === 0) && readsOnlyOwn(statement);
}

/** Whether a statement reads no locals but those that it sets, and no loops but its own. */
export function readsOnlyOwn(statement: Statement): boolean {
  const { sets } = effectsOf([statement]);
  const loops = new Set(loopsOf([statement]));
  const seen = new Set<Expr>();
  const alone = (root: Expr): boolean => {
    let own = true;
    inPostOrder(
      root,
      (expr) => seen.has(expr),
      (expr) => {
        seen.add(expr);
        if (expr.op === 'local') own &&= sets.has(expr.local);
        if (expr.op === 'loop') own &&= loops.has(expr.loop);
      },
    );
    return own;
  };
  const all = (statements: readonly Statement[]): boolean =>
    statements.every(
      (inner) => statementExprs(inner).every(alone) && innerStatements(inner).every(all),
    );
  return all([statement]);
}

/** The loops of statements, those of reductions among them. */
function loopsOf(statements: readonly Statement[]): Loop[] {
  return statements.flatMap((statement) => [
    ...(statement.do === 'for' ? [statement.loop] : []),
    ...(statement.do === 'reduce' ? statement.loops : []),
    ...innerStatements(statement).flatMap(loopsOf),
  ]);
}

/** Iterations of the innermost loops. */
function workOf(statements: readonly Statement[]): number {
  const times = (loops: readonly Loop[]): number =>
    loops.reduce((product, { extent = 16 }) => product * extent, 1);
  return statements.reduce((sum, statement) => {
    if (statement.do === 'reduce') return sum + times(statement.loops);
    const inner = innerStatements(statement).reduce((work, body) => work + workOf(body), 0);
    return sum + (statement.do === 'for' ? times([statement.loop]) * inner : Math.max(inner, 1));
  }, 0);
}
