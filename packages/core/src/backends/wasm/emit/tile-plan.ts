import { type Cut, cutOf } from '../../../kernel/cut.ts';
import type { Loop } from '../../../kernel/expr.ts';
import { lanesOf, type TileShape } from './micro-kernel.ts';
import type { TileNest } from './tile-nest.ts';

/** How one side of a product is cut into the pieces that tiles are made of. */
export interface Side {
  readonly loops: readonly Loop[];
  /** Whether pieces go on from one iteration of the outer loops to the next. */
  readonly flat: boolean;
  /** Rows or columns of a piece. */
  readonly width: number;
  /** Those of the last piece of a run, if it has fewer; else 0. */
  readonly rest: number;
  /** Pieces of a run, which is all of them, or those of one iteration of the outer loops. */
  readonly perRun: number;
  readonly pieces: number;
}

/** Pieces and terms that are worked on at a time, for the sake of caches. */
export interface TilePlan {
  readonly kind: TileShape['kind'];
  readonly lanes: 2 | 4;
  readonly rows: Side;
  readonly columns: Side;
  readonly cut: Cut;
  /** Blocks of terms. */
  readonly blocks: number;
  /** Terms of the longest block. */
  readonly terms: number;
  /** Pieces of columns whose panels are kept at once. */
  readonly columnPieces: number;
  /** Pieces of rows whose panels are kept at once. */
  readonly rowPieces: number;
  /** Pieces of rows whose sums are kept at once. */
  readonly keptPieces: number;
}

const most = { rows: 6, rowsOfOneVector: 12, vectors: 2 } as const;
/** Bytes of panels of columns, rows of a panel and rows of sums that are kept at once, at most. */
const columnBytes = 2 ** 19;
const panelRows = 96;
const keptRows = 480;
/** How much of the vectors along a short loop must be in use. */
const leastUse = 0.6;

export function planTiles({ rows, columns, terms, target }: TileNest): TilePlan {
  const kind = target.type === 'float64' ? 'f64' : 'f32';
  const lanes = lanesOf(kind);
  const last = columns.at(-1)?.extent ?? 1;
  const padded = Math.ceil(last / lanes) * lanes;
  const flat = columns.length > 1 && (last < lanes || last / padded < leastUse);
  const vectors = Math.ceil((flat ? sizeOf(columns) : last) / lanes);
  const columnSide = cutSide(columns, flat, Math.min(most.vectors, vectors) * lanes);
  const mostRows = vectors === 1 ? most.rowsOfOneVector : most.rows;
  const height = sizeOf(rows);
  const rowSide = cutSide(rows, true, Math.ceil(height / Math.ceil(height / mostRows)));
  const cut = cutOf(terms);
  const blockTerms = cut.size * cut.inner;
  const perBlock = Math.ceil((terms[cut.at]?.extent ?? 1) / cut.size);
  const blocks = sizeOf(terms.slice(0, cut.at)) * perBlock;
  const panel = blockTerms * columnSide.width * (16 / lanes);
  const rowPieces = Math.min(rowSide.pieces, Math.ceil(panelRows / rowSide.width));
  const kept = blocks === 1 ? rowSide.pieces : Math.ceil(keptRows / panelRows) * rowPieces;
  return {
    kind,
    lanes,
    rows: rowSide,
    columns: columnSide,
    cut,
    blocks,
    terms: blockTerms,
    columnPieces: Math.min(columnSide.pieces, Math.max(1, Math.floor(columnBytes / panel))),
    rowPieces,
    keptPieces: Math.min(rowSide.pieces, kept),
  };
}

function cutSide(loops: readonly Loop[], flat: boolean, width: number): Side {
  const run = flat ? sizeOf(loops) : (loops.at(-1)?.extent ?? 1);
  const perRun = Math.ceil(run / width);
  const runs = flat ? 1 : sizeOf(loops.slice(0, -1));
  return { loops, flat, width, rest: run % width, perRun, pieces: runs * perRun };
}

function sizeOf(loops: readonly Loop[]): number {
  return loops.reduce((product, { extent = 1 }) => product * extent, 1);
}
