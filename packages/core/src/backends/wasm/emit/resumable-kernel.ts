import type { Kernel, Statement } from '../../../kernel/statement.ts';
import type { FunctionBuilder } from '../encode/module.ts';
import { printChunks, type Split, splitOf, stepOf } from './chunks.ts';
import { costOf } from './cost.ts';
import { FunctionEmitter } from './function.ts';
import type { Resumption } from './resumption.ts';
import { StatementPrinter } from './statements.ts';
import { KernelStorage } from './storage.ts';
import { tilesOf } from './tiles.ts';

type For = Extract<Statement, { do: 'for' }>;

/**
 * Prints a kernel that can be left between the pieces of its long loops: a function of its
 * parameters that says whether it was left.
 */
export function printCutKernel(
  resumption: Resumption,
  kernel: Kernel,
  builder: FunctionBuilder,
): void {
  const emitter = new FunctionEmitter(resumption.parts, builder);
  const storage = new KernelStorage(emitter, kernel.name, kernel.params);
  const printer = new StatementPrinter(emitter, storage, { kernel, tiles: tilesOf(kernel) });
  let piece = 0;
  for (const statement of kernel.body) {
    const split = statement.do === 'for' ? splitOf(statement) : undefined;
    if (statement.do === 'for' && split) {
      printCutLoop(resumption, kernel, printer, statement, split, ++piece);
    } else {
      builder.code.globalGet(resumption.piece);
      builder.code.op('i32.eqz');
      builder.code.if(() => emitter.guard(() => printer.print([statement])));
    }
  }
  builder.code.i32(0);
}

function printCutLoop(
  resumption: Resumption,
  kernel: Kernel,
  printer: StatementPrinter,
  statement: For,
  split: Split,
  number: number,
): void {
  const { builder, parts } = printer.emitter;
  const { code } = builder;
  const { layout, piece } = resumption;
  const from = builder.newLocal('i32');
  const cost = (costOf([statement]) * stepOf(printer, statement, split)) / split.extent;
  code.block(() => {
    code.globalGet(piece);
    code.i32(number);
    code.op('i32.gt_s');
    code.brIf(0);
    code.i32(0);
    code.set(from);
    code.globalGet(piece);
    code.if(() => {
      code.globalGet(parts.base);
      code.memory('i32.load', layout.iterationAt);
      code.set(from);
    });
    printChunks(printer, kernel, statement, split, from, () => {
      code.globalGet(piece);
      code.if(() => {
        code.i32(0);
        code.globalSet(piece);
        code.else();
        resumption.printSpend(builder, cost);
        code.if(() => {
          code.globalGet(parts.base);
          code.get(from);
          code.memory('i32.store', layout.iterationAt);
          code.i32(number);
          code.globalSet(piece);
          code.i32(1);
          code.op('return');
        });
      });
    });
  });
}
