import { type Affine, affineLoop } from '../../../kernel/affine.ts';
import type { Expr, Loop } from '../../../kernel/expr.ts';
import { Substitution } from '../../../kernel/substitute.ts';
import { bytesOf } from './micro-kernel.ts';
import { loopsIn, type TileNest } from './tile-nest.ts';
import { blockTerms, placesIn } from './tile-places.ts';
import type { Side, TilePlan } from './tile-plan.ts';

/** Bytes between neighbours. */
export interface Strides {
  /** Of two rows, or vectors of columns. */
  readonly across: number;
  /** Of two iterations of each loop of a block, the outermost first. */
  readonly terms: readonly number[];
  /** Of two pieces of rows. */
  readonly piece: number;
  /** From the first term of a block to the last. */
  readonly span: number;
}

/** What a tile can find where it lies, or leave where it belongs, without a panel. */
export interface TileAccess {
  readonly rows?: Strides | undefined;
  readonly columns?: Strides | undefined;
  /** Rows of the result. */
  readonly result?: Omit<Strides, 'terms' | 'span'> | undefined;
}

/** Rows whose distance is a multiple of this share few places in a cache. */
const alias = 4096;
/** Uses of a factor up to which no panel is worth while. */
const fewUses = 3;
/** Bytes that stay in the first level of a cache, whatever their distances. */
const closeBytes = 2 ** 14;

export function accessOf(nest: TileNest, plan: TilePlan): TileAccess {
  const { rows, columns } = plan;
  const size = bytesOf(plan.kind);
  const ofRows = stridesOf(nest, plan, nest.row, rows);
  const ofColumns = stridesOf(nest, plan, nest.column, columns);
  const isNear =
    ofRows !== undefined &&
    (ofRows.terms.at(-1) ?? 0) <= size &&
    (rows.pieces === 1 || ofRows.across % alias !== 0);
  const findsRows = isNear || isAtHand(columns.pieces, ofRows);
  const findsColumns = ofColumns?.across === size && isAtHand(rows.pieces, ofColumns);
  return {
    rows: findsRows ? ofRows : undefined,
    columns: findsColumns ? ofColumns : undefined,
    result: resultStrides(nest, plan),
  };
}

/** Whether what a panel would hold may as well be read where it lies, that often. */
function isAtHand(uses: number, strides: Strides | undefined): boolean {
  if (!strides) return false;
  if (uses === 1 || strides.span <= closeBytes) return true;
  return uses <= fewUses && strides.terms.every((stride) => stride % alias !== 0);
}

/** Strides of a factor that is loaded as it is. */
function stridesOf(nest: TileNest, plan: TilePlan, factor: Expr, side: Side): Strides | undefined {
  if (factor.op !== 'load' || factor.buffer.dtype !== nest.target.type) return undefined;
  const { cut, at, step, after } = blockTerms(nest, plan);
  const place: Loop = { name: 'place', extent: side.width };
  const piece: Loop = { name: 'piece', extent: side.pieces };
  const places = new Map([...placesIn(side, piece, affineLoop(place)), [cut, at]]);
  const index = new Substitution(places).affine(factor.index);
  const own = coefficients(index, [place, step, ...after]);
  // Pieces of columns are found one by one.
  const next = side === plan.rows ? coefficients(index, [piece]) : [0];
  if (!own || !next) return undefined;
  const size = bytesOf(plan.kind);
  const [across = 0, ...terms] = own.map((coefficient) => coefficient * size);
  // The micro-kernel adds constants to addresses, none of them negative.
  if (across < 0 || terms.some((stride) => stride < 0)) return undefined;
  const extents = [plan.cut.size, ...after.map(({ extent = 1 }) => extent)];
  const span = terms.reduce((sum, stride, i) => sum + stride * ((extents[i] ?? 1) - 1), 0);
  return { across, terms, span, piece: (next[0] ?? 0) * size };
}

/** Strides of a result that is the sum itself, its columns side by side. */
function resultStrides(nest: TileNest, plan: TilePlan): TileAccess['result'] {
  const [store, ...more] = nest.stores;
  const { target } = nest;
  if (!store || more.length > 0 || store.buffer.dtype !== target.type) return undefined;
  if (store.value.op !== 'local' || store.value.local !== target) return undefined;
  const r: Loop = { name: 'r', extent: plan.rows.width };
  const c: Loop = { name: 'c', extent: plan.columns.width };
  const row: Loop = { name: 'row', extent: plan.rows.pieces };
  const column: Loop = { name: 'column', extent: plan.columns.pieces };
  const places = new Map([
    ...placesIn(plan.rows, row, affineLoop(r)),
    ...placesIn(plan.columns, column, affineLoop(c)),
  ]);
  const index = new Substitution(places).affine(store.index);
  const [across = 0, ofColumn, piece = 0] = coefficients(index, [r, c, row]) ?? [];
  const size = bytesOf(plan.kind);
  if (ofColumn !== 1 || across < 0) return undefined;
  return { across: across * size, piece: piece * size };
}

/** Coefficients of loops in an offset; undefined when it depends on them otherwise too. */
function coefficients(index: Affine, loops: readonly Loop[]): number[] | undefined {
  const own = loops.map(() => 0);
  for (const { coefficient, factor } of index.terms) {
    const at = factor.op === 'loop' ? loops.indexOf(factor.loop) : -1;
    if (at >= 0) own[at] = coefficient;
    else {
      const inside = loopsIn(factor);
      if (!inside || loops.some((loop) => inside.has(loop))) return undefined;
    }
  }
  return own;
}
