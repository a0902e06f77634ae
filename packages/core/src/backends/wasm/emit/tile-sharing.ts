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
      /** Pieces of rows, and of columns, that are taken at once. */
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

/** Pieces of a job that threads of usual number keep busy with. */
const parts = 24;
/** Iterations of the batch loops that are shared as they are, and pieces that are worth sharing. */
const manyBatches = 12;
const fewRows = 6;

export function sharingOf(
  grain: Grain | undefined,
  { batch, rows, columns, terms }: TileNest,
  plan: TilePlan,
): Sharing | undefined {
  const batches = sizeOf(batch);
  const perBatch = sizeOf(rows) * sizeOf(columns) * sizeOf(terms);
  if (!grain || batches * perBatch < grain.tiles) return undefined;
  const all = plan.columns.pieces;
  if (batches < manyBatches) {
    const taken = Math.min(plan.rowPieces, Math.ceil(plan.rows.pieces / parts));
    const large = perBatch >= grain.tiles && plan.rows.pieces >= fewRows * taken;
    if (large) return { by: 'rows', rows: taken, columns: Math.ceil(plan.columnPieces / parts) };
  }
  const wanted = batches >= manyBatches ? 1 : Math.ceil(parts / batches);
  const taken = Math.ceil(all / wanted);
  const groups = Math.ceil(all / taken);
  return batches * groups > 1 ? { by: 'columns', columns: taken, groups } : undefined;
}

function sizeOf(loops: readonly Loop[]): number {
  return loops.reduce((product, { extent = 1 }) => product * extent, 1);
}
