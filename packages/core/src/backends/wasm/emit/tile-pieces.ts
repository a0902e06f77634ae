import {
  type Affine,
  affineAdd,
  affineConst,
  affineLoop,
  affineScale,
  affineZero,
} from '../../../kernel/affine.ts';
import type { Buffer, Expr, Loop } from '../../../kernel/expr.ts';
import { constant } from '../../../kernel/scalars.ts';
import type { Kernel, Statement } from '../../../kernel/statement.ts';
import { Substitution } from '../../../kernel/substitute.ts';
import { FunctionEmitter } from './function.ts';
import type { ModuleParts } from './parts.ts';
import { StatementPrinter } from './statements.ts';
import { KernelStorage } from './storage.ts';
import type { TileNest } from './tile-nest.ts';
import { type BlockTerms, blockTerms, placesIn } from './tile-places.ts';
import type { Side, TilePlan } from './tile-plan.ts';
import { vectorNest } from './vectorize.ts';

/**
 * The functions that compute the panels of a tile nest and that take its sums. Their parameters are
 * those of the kernel, the address of the panel or tile, the batch loops, and what they name.
 */
export class TilePieces {
  readonly #parts: ModuleParts;
  readonly #kernel: Kernel;
  readonly #nest: TileNest;
  readonly #plan: TilePlan;
  readonly #row: Loop;
  readonly #column: Loop;
  readonly #terms: BlockTerms;
  readonly #finish = new Map<string, number>();

  constructor(parts: ModuleParts, kernel: Kernel, nest: TileNest, plan: TilePlan) {
    this.#parts = parts;
    this.#kernel = kernel;
    this.#nest = nest;
    this.#plan = plan;
    this.#row = { name: 'row', extent: plan.rows.pieces };
    this.#column = { name: 'column', extent: plan.columns.pieces };
    this.#terms = blockTerms(nest, plan);
  }

  /** (..., loops before the cut one, first iteration and number of iterations of that, piece). */
  packRows(count: number): number {
    return this.#pack(this.#nest.row, this.#plan.rows, this.#row, count, count);
  }

  /** As `packRows`; what fills up the last vector is zeros. */
  packColumns(count: number, vectors: number): number {
    const { columns, lanes } = this.#plan;
    return this.#pack(this.#nest.column, columns, this.#column, count, vectors * lanes);
  }

  #pack(value: Expr, side: Side, piece: Loop, count: number, width: number): number {
    const { target } = this.#nest;
    const { before, cut, from, step, after, at: cutAt, term } = this.#terms;
    const iterations: Loop = { name: 'iterations', extent: undefined };
    const panel: Buffer = { name: 'panel', dtype: target.type, size: this.#plan.terms * width };
    const start = affineScale(term, width);
    const store = (at: Affine): Statement => {
      const places = placesIn(side, piece, at);
      const element = new Substitution(new Map([...places, [cut, cutAt]])).expr(value);
      return { do: 'store', buffer: panel, index: affineAdd(start, at), value: element };
    };
    const zeros = Array.from({ length: width - count }, (_, i): Statement => {
      const index = affineAdd(start, affineConst(count + i));
      return { do: 'store', buffer: panel, index, value: constant(target.type, 0) };
    });
    let body = [...each(count, (at) => [store(at)]), ...zeros];
    for (const loop of after.toReversed()) body = [{ do: 'for', loop, parallel: true, body }];
    const trips: Expr = { op: 'loop', type: 'int32', loop: iterations };
    const all: Statement = { do: 'for', loop: step, count: trips, parallel: true, body };
    return this.#print([panel], [...before, from, iterations, piece], (printer) =>
      printer.print([all]),
    );
  }

  /** As `packRows`, without a panel: the address of the first factor where it lies. */
  rowsAt(): number {
    return this.#factorAt(this.#nest.row, this.#plan.rows, this.#row);
  }

  /** As `rowsAt`. */
  columnsAt(): number {
    return this.#factorAt(this.#nest.column, this.#plan.columns, this.#column);
  }

  #factorAt(factor: Expr, side: Side, piece: Loop): number {
    if (factor.op !== 'load') throw new Error('What is computed lies nowhere.');
    const { before, cut, from, after } = this.#terms;
    const places = new Map([...placesIn(side, piece, affineZero), [cut, affineLoop(from)]]);
    for (const loop of after) places.set(loop, affineZero);
    const offset = new Substitution(places).affine(factor.index);
    return this.#print(
      [],
      [...before, from, piece],
      (printer) => printer.pointer({ kind: 'buffer', buffer: factor.buffer, offset }),
      ['i32'],
    );
  }

  /** (..., row piece, column piece): the address of the first result. */
  resultAt(): number {
    const [store] = this.#nest.stores;
    if (!store) throw new Error('No result is stored.');
    const places = new Map([
      ...placesIn(this.#plan.rows, this.#row, affineZero),
      ...placesIn(this.#plan.columns, this.#column, affineZero),
    ]);
    const offset = new Substitution(places).affine(store.index);
    return this.#print(
      [],
      [this.#row, this.#column],
      (printer) => printer.pointer({ kind: 'buffer', buffer: store.buffer, offset }),
      ['i32'],
    );
  }

  /** (tile, ..., row piece, column piece, rows): what follows the sums of so many columns. */
  finish(rows: number, columns: number, vectors: number): number {
    // Where rows come from several loops, their number tells which divisions are not needed.
    const extent = this.#plan.rows.loops.length > 1 ? rows : undefined;
    const key = `${extent} ${columns}`;
    const known = this.#finish.get(key) ?? this.#printFinish(extent, columns, vectors);
    this.#finish.set(key, known);
    return known;
  }

  #printFinish(extent: number | undefined, columns: number, vectors: number): number {
    const { stores, target } = this.#nest;
    const { rows, lanes } = this.#plan;
    const width = vectors * lanes;
    const tile: Buffer = { name: 'tile', dtype: target.type, size: rows.width * width };
    const r: Loop = { name: 'r', extent };
    const height: Loop = { name: 'height', extent: undefined };
    const rowPlaces = placesIn(rows, this.#row, affineLoop(r));
    const body = each(columns, (at) => {
      const index = affineAdd(affineScale(affineLoop(r), width), at);
      const sum: Expr = { op: 'load', type: target.type, buffer: tile, index };
      const columnPlaces = placesIn(this.#plan.columns, this.#column, at);
      const places = new Map([...rowPlaces, ...columnPlaces]);
      const substitution = new Substitution(places, new Map([[target, sum]]));
      return stores.map((store) => substitution.store(store));
    });
    const count: Expr = { op: 'loop', type: 'int32', loop: height };
    return this.#print([tile], [this.#row, this.#column, height], (printer) =>
      printer.print([{ do: 'for', loop: r, count, parallel: true, body }]),
    );
  }

  /** A function of the kernel's parameters, more addresses, the batch loops and loops of its own. */
  #print(
    more: readonly Buffer[],
    own: readonly Loop[],
    body: (printer: StatementPrinter) => void,
    results: readonly 'i32'[] = [],
  ): number {
    const loops = [...this.#nest.outer, ...this.#nest.batch, ...own];
    const params = [...this.#kernel.params, ...more];
    const types = [...params, ...loops].map(() => 'i32' as const);
    const builder = this.#parts.module.function(types, results);
    const emitter = new FunctionEmitter(this.#parts, builder);
    const storage = new KernelStorage(emitter, this.#kernel.name, params);
    const printer = new StatementPrinter(emitter, storage);
    loops.forEach((loop, i) => {
      const node = emitter.graph.node('local', 'i32', 1, [], { number: params.length + i });
      printer.lowering.state.bind(loop, { node, offset: 0 });
    });
    body(printer);
    return builder.index;
  }
}

/** A loop whose iterations are lanes, or else its iterations one after the other without a loop. */
function each(count: number, body: (at: Affine) => Statement[]): Statement[] {
  const loop: Loop = { name: 'lane', extent: count };
  const looped = { do: 'for', loop, parallel: true, body: body(affineLoop(loop)) } as const;
  if (vectorNest(looped)) return [looped];
  return Array.from({ length: count }, (_, at) => body(affineConst(at))).flat();
}
