import type { Loop } from '../../../kernel/expr.ts';
import type { Grain } from './shared-parts.ts';
import type { TileNest } from './tile-nest.ts';
import type { TilePlan } from './tile-plan.ts';

/**
 * How threads share a nest of tiles. By rows: they fill the panels of columns together, and then each
 * takes some rows at a time, with a panel of its own. Else each does the whole nest for some
 * iterations of the batch loops, or some columns, on its own.
 */
export type Sharing =
  | {
      readonly by: 'rows';
      /** Parts of the rows, and of the columns whose panels are kept at once. */
      readonly rows: number;
      readonly columns: number;
    }
  | {
      readonly by: 'columns';
      /** Pieces of columns that are taken at once. */
      readonly columns: number;
      /** How often they are, in each iteration of the batch loops. */
      readonly groups: number;
    };

/** Parts of the rows, or a multiple: larger ones wait for each other, smaller ones share less. */
const rowParts = 8;
/** Parts of the panels of columns. */
const columnParts = 16;
/** Iterations of the batch loops that are shared as they are. */
const manyBatches = 16;

export function sharingOf(
  grain: Grain,
  { outer, batch, rows, columns, terms }: TileNest,
  plan: TilePlan,
): Sharing | undefined {
  const batches = sizeOf(batch);
  const perBatch = sizeOf(rows) * sizeOf(columns) * sizeOf(terms);
  if (batches * perBatch < grain.tiles) return undefined;
  if (batches < manyBatches && perBatch >= grain.tiles && plan.rows.pieces >= rowParts) {
    const parts = rowParts * Math.ceil(plan.rows.pieces / (rowParts * plan.rowPieces));
    return { by: 'rows', rows: parts, columns: Math.min(columnParts, plan.columnPieces) };
  }
  if (outer.length > 0) return undefined;
  const wanted = Math.ceil(manyBatches / batches);
  const taken = Math.ceil(plan.columns.pieces / wanted);
  const groups = Math.ceil(plan.columns.pieces / taken);
  return batches * groups > 1 ? { by: 'columns', columns: taken, groups } : undefined;
}

function sizeOf(loops: readonly Loop[]): number {
  return loops.reduce((product, { extent = 1 }) => product * extent, 1);
}
