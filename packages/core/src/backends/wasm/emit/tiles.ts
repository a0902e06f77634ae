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
import { pushLesser } from './ranges.ts';
import { printSection } from './section.ts';
import type { StatementPrinter, Tiler } from './statements.ts';
import { type Bounds, TileContext, type Variable } from './tile-context.ts';
import { printDriver } from './tile-driver.ts';
import { type TileNest, tileNest } from './tile-nest.ts';
import type { Sharing } from './tile-sharing.ts';

type ByColumns = Extract<Sharing, { by: 'columns' }>;

export function tilesOf(kernel: Kernel): Tiler {
  return (statement, printer) => {
    const nest = tileNest(statement);
    if (!nest) return false;
    const context = new TileContext(printer.emitter.parts, kernel, nest);
    const driver = printDriver(context);
    const { sharing } = context;
    const shared = sharing?.by === 'columns' && callShared(printer, context, driver, sharing);
    if (!shared) printBatch(printer, context, driver, nest.batch);
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

/** Has threads share the iterations of the batch loops and groups of columns. */
function callShared(
  { emitter: { code } }: StatementPrinter,
  context: TileContext,
  driver: number,
  { groups, columns }: ByColumns,
): boolean {
  const { kernelParams, parts, plan, nest } = context;
  const params = Array.from({ length: kernelParams + 1 }, () => 'i32' as const);
  const builder = parts.module.function(params, []);
  const variable = (): Variable => ({ local: builder.newLocal('i32') });
  const [rest, range]: [Variable, Bounds] = [
    { local: kernelParams },
    { from: variable(), to: variable() },
  ];
  const inner = builder.code;
  const split = (extent: number, into: Variable): void => {
    inner.get(rest.local);
    inner.i32(extent);
    inner.op('i32.rem_u');
    inner.set(into.local);
    inner.get(rest.local);
    inner.i32(extent);
    inner.op('i32.div_u');
    inner.set(rest.local);
  };
  split(groups, range.from);
  inner.get(range.from.local);
  inner.i32(columns);
  inner.op('i32.mul');
  inner.tee(range.from.local);
  inner.i32(columns);
  inner.op('i32.add');
  inner.set(range.to.local);
  pushLesser(inner, range.to, plan.columns.pieces);
  inner.set(range.to.local);
  const batch = nest.batch.map(() => variable());
  nest.batch.toReversed().forEach(({ extent = 1 }, i) => {
    const into = batch.at(-1 - i);
    if (into) split(extent, into);
  });
  for (let i = 0; i < kernelParams; i++) inner.get(i);
  for (const { local } of [...batch, range.from, range.to]) inner.get(local);
  inner.call(driver);
  const section = printSection(parts, builder.index, kernelParams);
  if (section === undefined) return false;
  for (let i = 0; i < kernelParams; i++) code.get(i);
  code.i32(nest.batch.reduce((product, { extent = 1 }) => product * extent, groups));
  code.call(section);
  return true;
}
