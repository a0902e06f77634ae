import type { Node } from '../../../kernel/lane/node.ts';
import { valueType } from '../lane/print.ts';
import { readsOnlyOwn } from './chunks.ts';
import { FunctionEmitter } from './function.ts';
import type { Reductions } from './reduce-values.ts';
import { printSection } from './section.ts';
import { StatementPrinter } from './statements.ts';
import { KernelStorage } from './storage.ts';
import { repeat } from './vector-loop.ts';

/** A long sum of units, such as rows, and how a function sums some of them. */
export interface LongSum {
  /** A part of a sum. */
  readonly like: Node;
  readonly parts: number;
  /** Units of the sum, and operations of one. */
  readonly count: number;
  readonly operations: number;
  /** Prints the sum of so many units from the one in a local on; gives the locals of its parts. */
  print(printer: StatementPrinter, units: number, first: number): readonly number[];
}

/** Sums that threads have computed. */
export interface SharedSums {
  readonly pieces: number;
  /** Units of a piece: a power of two, so that a piece is a node of the tree of the whole sum. */
  readonly units: number;
  /** Prints the computation of all pieces; then their sums, one after the other, are taken. */
  print(number: number, sum: readonly number[], take: () => void): void;
}

/** Has threads share most units of long sums of a kernel; undefined where they do not. */
export function shareSums(
  printer: StatementPrinter,
  statements: Reductions,
  sum: LongSum,
): SharedSums | undefined {
  const { emitter, kernel } = printer;
  const { parts, code } = emitter;
  const { shared } = parts;
  const operations = Math.max(1, sum.operations);
  if (!shared || !kernel || emitter.scopes.length > 1) return undefined;
  if (sum.count * operations < shared.grain.section || !statements.every(readsOnlyOwn)) {
    return undefined;
  }
  const units = 2 ** Math.max(0, Math.floor(Math.log2(shared.grain.piece / operations)));
  const pieces = Math.floor(sum.count / units);
  if (pieces < 2) return undefined;
  const params = kernel.params.length;
  const bytes = 16 * sum.parts;
  const type = valueType(sum.like);
  const kind = type === 'v128' ? 'v128' : sum.like.kind;
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
  builder.code.i32(units);
  builder.code.op('i32.mul');
  builder.code.set(first);
  const storage = new KernelStorage(inner, kernel.name, kernel.params);
  const locals = sum.print(new StatementPrinter(inner, storage), units, first);
  locals.forEach((local, i) => {
    place(builder.code, params);
    builder.code.get(local);
    builder.code.memory(`${kind}.store`, parts.scratchAt + 16 * i);
  });
  const section = printSection(parts, builder.index, params);
  if (section === undefined) return undefined;
  parts.needScratch(pieces * bytes);
  return {
    pieces,
    units,
    print(number, into, take) {
      for (let i = 0; i < params; i++) code.get(i);
      code.i32(pieces);
      code.call(section);
      code.i32(0);
      code.set(number);
      emitter.loop(
        undefined,
        true,
        () => {
          into.forEach((local, i) => {
            place(emitter.code, number);
            emitter.code.memory(`${kind}.load`, parts.scratchAt + 16 * i);
            emitter.code.set(local);
          });
          take();
        },
        (body) => repeat(code, body, number, 1, () => code.i32(pieces)),
      );
    },
  };
}
