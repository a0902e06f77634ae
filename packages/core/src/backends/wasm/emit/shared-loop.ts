import type { Kernel, Statement } from '../../../kernel/statement.ts';
import type { Code } from '../encode/code.ts';
import { cutInto, group, printChunk, type Split, standsAlone, stepOf } from './chunks.ts';
import { costOf } from './cost.ts';
import { effectsOf } from './effects.ts';
import { printSection } from './section.ts';
import type { Grain } from './shared-parts.ts';
import type { StatementPrinter } from './statements.ts';
import { tileNest } from './tile-nest.ts';

type For = Extract<Statement, { do: 'for' }>;

/** Has threads share a long loop of a kernel; false where they do not. */
export function shareLoop(printer: StatementPrinter, kernel: Kernel, statement: For): boolean {
  const { code, parts } = printer.emitter;
  const share = sharedSplitOf(statement, parts.shared?.grain);
  const section = share && sectionOf(printer, kernel, statement, share);
  if (share === undefined || section === undefined) return false;
  for (const i of kernel.params.keys()) code.get(i);
  code.i32(0);
  code.i32(piecesIn(share));
  code.call(section);
  printer.invalidate(effectsOf([statement]));
  return true;
}

/** Has threads share the pieces of a loop, group by group; see `printChunks`. */
export function shareChunks(
  printer: StatementPrinter,
  kernel: Kernel,
  statement: For,
  split: Split,
  from: number,
  before: () => void,
): boolean {
  const { code } = printer.emitter;
  const section = statement.parallel ? sectionOf(printer, kernel, statement, split) : undefined;
  if (section === undefined) return false;
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
    code.i32(split.extent);
    code.op('i32.lt_s');
    code.brIf(0);
  });
  return true;
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
