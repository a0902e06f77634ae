import type { Expr, Loop } from '../../../kernel/expr.ts';
import type { Kernel, Statement } from '../../../kernel/statement.ts';
import type { Code } from '../encode/code.ts';
import { costOf } from './cost.ts';
import { effectsOf, innerStatements, inPostOrder, statementExprs } from './effects.ts';
import { FunctionEmitter } from './function.ts';
import { printSection } from './section.ts';
import type { Grain } from './shared-parts.ts';
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
      const share = sharedSplitOf(statement, parts.shared?.grain);
      const section = share && sectionOf(printer, kernel, statement, share);
      if (share && section !== undefined) {
        for (const i of kernel.params.keys()) code.get(i);
        code.i32(0);
        code.i32(piecesIn(share));
        code.call(section);
        printer.invalidate(effectsOf([statement]));
        return true;
      }
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

/** How threads share a loop; undefined when it is short, or they cannot. */
function sharedSplitOf(statement: For, grain: Grain | undefined): Split | undefined {
  const { loop, parallel } = statement;
  if (!grain || !parallel || loop.extent === undefined) return undefined;
  if (!standsAlone(statement) || tileNest(statement)) return undefined;
  const cost = costOf([statement]);
  return cost < grain.section
    ? undefined
    : cutInto(loop.extent, (grain.piece * loop.extent) / cost);
}

function cutInto(extent: number, most: number): Split | undefined {
  const count = Math.max(4, Math.floor(most / 4) * 4);
  return count >= extent ? undefined : { extent, count, whole: extent - (extent % count) };
}

/** Pieces of a loop that is cut, the rest among them. */
function piecesIn({ extent, count }: Split): number {
  return Math.ceil(extent / count);
}

/**
 * A function of the kernel's parameters, the first iteration and a number of pieces, for threads to
 * share; undefined where they cannot.
 */
function sectionOf(
  printer: StatementPrinter,
  kernel: Kernel,
  statement: For,
  { extent, count, whole }: Split,
): number | undefined {
  const { parts } = printer.emitter;
  if (!parts.shared) return undefined;
  const params = [...kernel.params, 'from', 'piece'].map(() => 'i32' as const);
  const [from, piece] = [params.length - 2, params.length - 1];
  const builder = parts.module.function(params, []);
  const { code } = builder;
  const call = (size: number): void => {
    const index = printChunk(printer, kernel, statement, size);
    for (const i of kernel.params.keys()) code.get(i);
    code.get(from);
    code.call(index);
  };
  code.get(piece);
  code.i32(count);
  code.op('i32.mul');
  code.get(from);
  code.op('i32.add');
  code.set(from);
  code.get(from);
  code.i32(whole);
  code.op('i32.lt_u');
  code.if(() => {
    call(count);
    if (extent === whole) return;
    code.else();
    call(extent - whole);
  });
  return printSection(parts, builder.index, kernel.params.length + 1);
}

/** Pieces between two looks at the fuel where threads share them. */
const group = 16;

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
  const section = statement.parallel ? sectionOf(printer, kernel, statement, split) : undefined;
  if (section !== undefined) {
    const step = stepOf(printer, statement, split);
    code.loop(() => {
      before();
      for (const i of kernel.params.keys()) code.get(i);
      code.get(from);
      pushPieces(code, from, split);
      code.call(section);
      code.get(from);
      code.i32(step);
      code.op('i32.add');
      code.tee(from);
      code.i32(extent);
      code.op('i32.lt_s');
      code.brIf(0);
    });
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

/** Leaves how many pieces there are from an iteration on, but a group at most, on the stack. */
function pushPieces(code: Code, from: number, { extent, count }: Split): void {
  const left = (): void => {
    code.i32(extent + count - 1);
    code.get(from);
    code.op('i32.sub');
    code.i32(count);
    code.op('i32.div_u');
  };
  left();
  code.i32(group);
  left();
  code.i32(group);
  code.op('i32.lt_u');
  code.op('select');
}

/** A function of the kernel's parameters and the first iteration of a range. */
function printChunk(
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
function standsAlone(statement: For): boolean {
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
