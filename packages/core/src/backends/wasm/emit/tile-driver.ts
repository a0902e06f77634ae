import { printParts, printRange } from './ranges.ts';
import type { Bounds, TileContext, Variable } from './tile-context.ts';
import { printTileFunctions, TileWork } from './tile-work.ts';

/** A function of the kernel's parameters, the batch loops, and the pieces of columns to do. */
export function printDriver(context: TileContext): number {
  const { plan, nest, params, keptPieces } = context;
  const functions = printTileFunctions(context);
  const shared = context.parts.shared?.shareRows(context, functions);
  const builder = context.function(2);
  const { code } = builder;
  const variable = (): Variable => ({ local: builder.newLocal('i32') });
  const bounds = (): Bounds => ({ from: variable(), to: variable() });
  const loops = nest.terms.slice(0, plan.cut.at);
  const before = loops.map(() => variable());
  const kept = bounds();
  const told = {
    before,
    from: variable(),
    columns: bounds(),
    rows: bounds(),
    kept: kept.from,
    terms: variable(),
    fresh: variable(),
    left: variable(),
  };
  const work = new TileWork(context, functions, builder, {
    told,
    keptTo: kept.to,
    count: variable(),
  });
  const extent = nest.terms[plan.cut.at]?.extent ?? 1;
  const block = (): void => {
    work.countTerms(extent);
    if (shared) shared(work);
    else {
      work.packColumns(told.columns);
      work.tiles(kept, plan.rowPieces);
    }
    code.i32(0);
    code.set(told.fresh.local);
    code.get(told.left.local);
    code.i32(1);
    code.op('i32.sub');
    code.set(told.left.local);
  };
  const blocksIn = (at: number): void => {
    const loop = before[at];
    const range = { from: 0, to: loops[at]?.extent ?? extent };
    if (loop) printRange(code, loop, range, 1, () => blocksIn(at + 1));
    else printRange(code, told.from, range, plan.cut.size, block);
  };
  const columns = { from: { local: params }, to: { local: params + 1 } };
  printParts(code, told.columns, columns, plan.columnPieces, () =>
    printParts(code, kept, { from: 0, to: plan.rows.pieces }, keptPieces, () => {
      code.i32(1);
      code.set(told.fresh.local);
      code.i32(plan.blocks - 1);
      code.set(told.left.local);
      blocksIn(0);
    }),
  );
  return builder.index;
}
