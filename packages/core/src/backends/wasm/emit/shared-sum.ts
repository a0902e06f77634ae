import type { Statement } from '../../../kernel/statement.ts';
import type { Node } from '../lane/node.ts';
import { valueType } from '../lane/print.ts';
import { readsOnlyOwn } from './chunks.ts';
import { FunctionEmitter } from './function.ts';
import { printSection } from './section.ts';
import { StatementPrinter } from './statements.ts';
import { KernelStorage } from './storage.ts';

type Reduce = Extract<Statement, { do: 'reduce' }>;

/** How a function sums some of the blocks of a long sum. */
export interface PieceOfBlocks {
  /** A part of a sum. */
  readonly like: Node;
  readonly parts: number;
  /** Operations of a block. */
  readonly operations: number;
  /** Prints the sum of so many blocks from the one in a local on; gives the locals of its parts. */
  print(printer: StatementPrinter, blocks: number, first: number): readonly number[];
}

/** Sums of blocks that threads have computed. */
export interface SharedBlocks {
  readonly pieces: number;
  /** Blocks of a piece: a power of two, so that a piece is a node of the tree of the whole sum. */
  readonly blocks: number;
  /** Prints the computation of all pieces. */
  call(): void;
  /** Prints the load of the sum of the piece whose number is in a local. */
  load(piece: number, into: readonly number[]): void;
}

/** Has threads share the blocks of a long sum of a kernel; undefined where they do not. */
export function shareBlocks(
  printer: StatementPrinter,
  statement: Reduce,
  count: number,
  piece: PieceOfBlocks,
): SharedBlocks | undefined {
  const { emitter, kernel } = printer;
  const { parts, code } = emitter;
  const { shared } = parts;
  const operations = Math.max(1, piece.operations);
  if (!shared || !kernel || emitter.scopes.length > 1) return undefined;
  if (count * operations < shared.grain.section || !readsOnlyOwn(statement)) return undefined;
  const blocks = 2 ** Math.max(0, Math.floor(Math.log2(shared.grain.piece / operations)));
  const pieces = Math.floor(count / blocks);
  if (pieces < 2) return undefined;
  const params = kernel.params.length;
  const bytes = 16 * piece.parts;
  const type = valueType(piece.like);
  const kind = type === 'v128' ? 'v128' : piece.like.kind;
  const place = (into: typeof code, number: number): void => {
    into.globalGet(parts.base);
    into.get(number);
    into.i32(bytes);
    into.op('i32.mul');
    into.op('i32.add');
  };
  const types = Array.from({ length: params + 1 }, () => 'i32' as const);
  const builder = parts.module.function(types, []);
  const inner = new FunctionEmitter(parts, builder);
  const first = builder.newLocal('i32');
  builder.code.get(params);
  builder.code.i32(blocks);
  builder.code.op('i32.mul');
  builder.code.set(first);
  const sum = piece.print(
    new StatementPrinter(inner, new KernelStorage(inner, kernel.name, kernel.params)),
    blocks,
    first,
  );
  sum.forEach((local, i) => {
    place(builder.code, params);
    builder.code.get(local);
    builder.code.memory(`${kind}.store`, parts.scratchAt + 16 * i);
  });
  const section = printSection(parts, builder.index, params);
  if (section === undefined) return undefined;
  parts.needScratch(pieces * bytes);
  return {
    pieces,
    blocks,
    call() {
      for (let i = 0; i < params; i++) code.get(i);
      code.i32(pieces);
      code.call(section);
    },
    load(number, into) {
      into.forEach((local, i) => {
        place(emitter.code, number);
        emitter.code.memory(`${kind}.load`, parts.scratchAt + 16 * i);
        emitter.code.set(local);
      });
    },
  };
}
