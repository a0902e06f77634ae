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
import type { StatementPrinter, Tiler } from './statements.ts';
import { TileContext } from './tile-context.ts';
import { printDriver } from './tile-driver.ts';
import { type TileNest, tileNest } from './tile-nest.ts';

export function tilesOf(kernel: Kernel): Tiler {
  return (statement, printer) => {
    const nest = tileNest(statement);
    if (!nest) return false;
    const context = new TileContext(printer.emitter.parts, kernel, nest);
    const driver = printDriver(context);
    const { sharing } = context;
    const { shared } = printer.emitter.parts;
    const isShared =
      sharing?.by === 'columns' && shared?.shareColumns(printer, context, driver, sharing);
    if (!isShared) printBatch(printer, context, driver, nest.batch);
    printer.invalidate(effectsOf([statement]));
    return true;
  };
}

function printBatch(
  printer: StatementPrinter,
  context: TileContext,
  driver: number,
  [first, ...others]: TileNest['batch'],
): void {
  const { nest, plan } = context;
  if (first) {
    printer.counted(first, undefined, true, effectsOf(nest.stores), () =>
      printBatch(printer, context, driver, others),
    );
    return;
  }
  const { emitter, lowering } = printer;
  for (let i = 0; i < context.kernelParams; i++) emitter.code.get(i);
  for (const loop of [...nest.outer, ...nest.batch])
    emitter.push(lowering.lower({ op: 'loop', type: 'int32', loop }));
  emitter.code.i32(0);
  emitter.code.i32(plan.columns.pieces);
  emitter.code.call(driver);
}
