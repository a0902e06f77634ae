/**
 * Sums of products that share operands along two sides, such as matrix products and convolutions:
 * a tile of sums stays in registers while the terms go by (`micro-kernel.ts`). Factors are computed
 * into panels first, each about once, so that whatever was fused into them, and however they lie in
 * memory, costs nothing in the innermost loop. What follows the sums is done tile by tile.
 *
 * The loops around the tiles are those of Goto and van de Geijn: a panel of columns stays in the
 * first level of the cache while a block of panels of rows, in the second, go by. What runs long is a
 * function of its own, called often, as V8 optimises no function that is running.
 */
import type { Kernel } from '../../../kernel/statement.ts';
import { effectsOf } from './effects.ts';
import { printParts, printRange, pushLesser } from './ranges.ts';
import type { StatementPrinter, Tiler } from './statements.ts';
import { type BlockArguments, listArguments, printBlock } from './tile-block.ts';
import {
  type Bounds,
  hasWhole,
  pushDifference,
  type Row,
  TileContext,
  type Variable,
  whichPiece,
} from './tile-context.ts';
import { type TileNest, tileNest } from './tile-nest.ts';
import type { Side } from './tile-plan.ts';

export function tilesOf(kernel: Kernel): Tiler {
  return (statement, printer) => {
    const nest = tileNest(statement);
    if (!nest) return false;
    const driver = printDriver(new TileContext(printer.emitter.parts, kernel, nest));
    printBatch(printer, kernel, nest, driver, nest.batch);
    printer.invalidate(effectsOf([statement]));
    return true;
  };
}

function printBatch(
  printer: StatementPrinter,
  kernel: Kernel,
  nest: TileNest,
  driver: number,
  [first, ...others]: TileNest['batch'],
): void {
  if (first) {
    printer.counted(first, undefined, true, effectsOf(nest.stores), () =>
      printBatch(printer, kernel, nest, driver, others),
    );
    return;
  }
  const { emitter, lowering } = printer;
  for (const i of kernel.params.keys()) emitter.code.get(i);
  for (const loop of nest.batch) emitter.push(lowering.lower({ op: 'loop', type: 'int32', loop }));
  emitter.code.call(driver);
}

/** A function of the kernel's parameters and the batch loops: the whole nest. */
function printDriver(context: TileContext): number {
  const { plan, panels, nest, access } = context;
  const { rows, columns, cut } = plan;
  const block = printBlock(context);
  const packColumns = packersOf(columns, (width) =>
    context.findsColumns(width)
      ? undefined
      : context.pieces.packColumns(width, context.vectors(width)),
  );
  const packRows = packersOf(rows, (height) =>
    access.rows ? undefined : context.pieces.packRows(height),
  );
  const builder = context.function(0);
  const { code } = builder;
  const variable = (): Variable => ({ local: builder.newLocal('i32') });
  const bounds = (): Bounds => ({ from: variable(), to: variable() });
  const [piece, count] = [variable(), variable()];
  const before = nest.terms.slice(0, cut.at).map(({ extent = 1 }) => ({ ...variable(), extent }));
  const extent = nest.terms[cut.at]?.extent ?? 1;
  const keptRows = bounds();
  const told: BlockArguments = {
    before,
    from: variable(),
    columns: bounds(),
    rows: bounds(),
    kept: keptRows.from,
    terms: variable(),
    fresh: variable(),
    left: variable(),
  };
  const pack = (side: Side, packers: Packers, part: Bounds, row: Row): void => {
    if (packers.size === 0) return;
    printRange(code, piece, part, 1, () =>
      whichPiece(code, side, piece, (width) => {
        const packer = packers.get(width);
        if (packer === undefined) return;
        context.call(code, packer, [...before, told.from, count, piece], () =>
          context.place(code, row, () => pushDifference(code, piece, part.from)),
        );
      }),
    );
  };
  const blockOfTerms = (): void => {
    code.i32(extent);
    code.get(told.from.local);
    code.op('i32.sub');
    code.set(count.local);
    pushLesser(code, count, cut.size);
    code.tee(count.local);
    code.i32(cut.inner);
    code.op('i32.mul');
    code.set(told.terms.local);
    pack(columns, packColumns, told.columns, panels.columns);
    printParts(code, told.rows, keptRows, plan.rowPieces, () => {
      pack(rows, packRows, told.rows, panels.rows);
      context.call(code, block, listArguments(told));
    });
    code.i32(0);
    code.set(told.fresh.local);
    code.get(told.left.local);
    code.i32(1);
    code.op('i32.sub');
    code.set(told.left.local);
  };
  const blocksIn = ([first, ...others]: typeof before): void => {
    const range = { from: 0, to: first?.extent ?? extent };
    if (first) printRange(code, first, range, 1, () => blocksIn(others));
    else printRange(code, told.from, range, cut.size, blockOfTerms);
  };
  printParts(code, told.columns, { from: 0, to: columns.pieces }, plan.columnPieces, () =>
    printParts(code, keptRows, { from: 0, to: rows.pieces }, context.keptPieces, () => {
      code.i32(1);
      code.set(told.fresh.local);
      code.i32(plan.blocks - 1);
      code.set(told.left.local);
      blocksIn(before);
    }),
  );
  return builder.index;
}

/** Functions that compute panels of so many rows or columns. */
type Packers = ReadonlyMap<number, number>;

function packersOf(side: Side, print: (count: number) => number | undefined): Packers {
  const packers = new Map<number, number>();
  for (const count of [hasWhole(side) ? side.width : 0, side.rest]) {
    const packer = count > 0 ? print(count) : undefined;
    if (packer !== undefined) packers.set(count, packer);
  }
  return packers;
}
