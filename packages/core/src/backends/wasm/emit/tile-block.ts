import type { FunctionBuilder } from '../encode/module.ts';
import { bytesOf, type TermLoop, type TileShape } from './micro-kernel.ts';
import { printRange, pushInt, pushLesser } from './ranges.ts';
import {
  type Bounds,
  pushDifference,
  type TileContext,
  type Variable,
  whichPiece,
} from './tile-context.ts';

/** What the function for the tiles of one block of terms is told. */
export interface BlockArguments {
  /** Loops of terms around the block. */
  readonly before: readonly Variable[];
  /** First iteration of the loop that is cut. */
  readonly from: Variable;
  readonly columns: Bounds;
  readonly rows: Bounds;
  /** First piece of rows whose sums are kept. */
  readonly kept: Variable;
  readonly terms: Variable;
  /** Whether these are the first terms. */
  readonly fresh: Variable;
  /** Blocks that follow. */
  readonly left: Variable;
}

export function listArguments(told: BlockArguments): Variable[] {
  const { before, from, columns, rows, kept, terms, fresh, left } = told;
  return [...before, from, columns.from, columns.to, rows.from, rows.to, kept, terms, fresh, left];
}

/** A function of (..., `BlockArguments`): all tiles whose factors are there. */
export function printBlock(context: TileContext): number {
  const { cut } = context.plan;
  const builder = context.function(9 + cut.at);
  let next = context.params;
  const argument = (): Variable => ({ local: next++ });
  const bounds = (): Bounds => ({ from: argument(), to: argument() });
  new BlockPrinter(context, builder, {
    before: Array.from({ length: cut.at }, argument),
    from: argument(),
    columns: bounds(),
    rows: bounds(),
    kept: argument(),
    terms: argument(),
    fresh: argument(),
    left: argument(),
  }).print();
  return builder.index;
}

class BlockPrinter {
  readonly #context: TileContext;
  readonly #builder: FunctionBuilder;
  readonly #told: BlockArguments;
  readonly #row: Variable;
  readonly #column: Variable;
  /** Addresses of the factors of rows and columns, and of the sums. */
  readonly #rows: Variable;
  readonly #columns: Variable;
  readonly #sums: Variable;
  readonly #rowsAt: number;
  readonly #columnsAt: number;
  readonly #resultAt: number;

  constructor(context: TileContext, builder: FunctionBuilder, told: BlockArguments) {
    this.#context = context;
    this.#builder = builder;
    this.#told = told;
    const variable = (): Variable => ({ local: builder.newLocal('i32') });
    this.#row = variable();
    this.#column = variable();
    this.#rows = variable();
    this.#columns = variable();
    this.#sums = variable();
    const { access, pieces } = context;
    this.#rowsAt = access.rows ? pieces.rowsAt() : 0;
    this.#columnsAt = access.columns ? pieces.columnsAt() : 0;
    this.#resultAt = access.result === undefined ? 0 : pieces.resultAt();
  }

  print(): void {
    const { rows, columns } = this.#context.plan;
    const { code } = this.#builder;
    const told = this.#told;
    const whole = rows.rest > 0 ? rows.pieces - 1 : rows.pieces;
    const wholeEnd = { local: this.#builder.newLocal('i32') };
    pushLesser(code, told.rows.to, whole);
    code.set(wholeEnd.local);
    printRange(code, this.#column, told.columns, 1, () =>
      whichPiece(code, columns, this.#column, (width) => {
        this.#findColumns(width);
        this.#findRows();
        this.#findSums(width);
        const range = { from: told.rows.from, to: wholeEnd };
        printRange(code, this.#row, range, 1, () => {
          this.#tile(rows.width, width);
          this.#advance(width);
        });
        if (rows.rest === 0) return;
        code.get(told.rows.to.local);
        code.i32(whole);
        code.op('i32.gt_u');
        code.if(() => this.#tile(rows.rest, width));
      }),
    );
  }

  #findColumns(width: number): void {
    const { code } = this.#builder;
    const { columns, before, from } = this.#told;
    const context = this.#context;
    if (context.findsColumns(width)) {
      context.call(code, this.#columnsAt, [...before, from, this.#column]);
    } else {
      context.place(code, context.panels.columns, () =>
        pushDifference(code, this.#column, columns.from),
      );
    }
    code.set(this.#columns.local);
  }

  /** The factors of the first piece of rows. */
  #findRows(): void {
    const { code } = this.#builder;
    const { rows, before, from } = this.#told;
    const context = this.#context;
    if (context.access.rows) context.call(code, this.#rowsAt, [...before, from, rows.from]);
    else context.place(code, context.panels.rows, () => code.i32(0));
    code.set(this.#rows.local);
  }

  /** The sums of the first piece of rows. */
  #findSums(width: number): void {
    const { code } = this.#builder;
    const { rows, kept, columns } = this.#told;
    const context = this.#context;
    const { blocks, columnPieces } = context.plan;
    if (context.leavesResult(width)) {
      context.call(code, this.#resultAt, [rows.from, this.#column]);
    } else {
      context.place(code, context.panels.sums, () => {
        if (blocks === 1) {
          code.i32(0);
          return;
        }
        pushDifference(code, rows.from, kept);
        code.i32(columnPieces);
        code.op('i32.mul');
        pushDifference(code, this.#column, columns.from);
        code.op('i32.add');
      });
    }
    code.set(this.#sums.local);
  }

  /** Goes on to the factors and sums of the next piece of rows. */
  #advance(width: number): void {
    const { plan, access, panels } = this.#context;
    const result = this.#context.leavesResult(width) ? access.result : undefined;
    const kept = plan.blocks === 1 ? 0 : plan.columnPieces * panels.sums.bytes;
    this.#add(this.#rows, access.rows?.piece ?? panels.rows.bytes);
    this.#add(this.#sums, result?.piece ?? kept);
  }

  #add({ local }: Variable, bytes: number): void {
    const { code } = this.#builder;
    if (bytes === 0) return;
    code.get(local);
    code.i32(bytes);
    code.op('i32.add');
    code.set(local);
  }

  /** The work on one tile, of so many rows and columns. */
  #tile(height: number, width: number): void {
    const { code } = this.#builder;
    const { terms, fresh, left } = this.#told;
    const context = this.#context;
    const addresses = [this.#rows, this.#columns, this.#sums];
    for (const value of [...addresses, terms, fresh]) pushInt(code, value);
    code.call(context.parts.microKernel(this.#shape(height, width)));
    if (context.leavesResult(width)) return;
    code.get(left.local);
    code.op('i32.eqz');
    code.if(() => {
      const finish = context.pieces.finish(height, width, context.vectors(width));
      context.call(code, finish, [this.#row, this.#column, height], () =>
        pushInt(code, this.#sums),
      );
    });
  }

  #shape(height: number, width: number): TileShape {
    const context = this.#context;
    const { plan, access, nest } = context;
    const vectors = context.vectors(width);
    const size = bytesOf(plan.kind);
    const ofColumns = context.findsColumns(width) ? access.columns?.terms : undefined;
    const result = context.leavesResult(width) ? access.result : undefined;
    let terms = plan.terms;
    const loops = nest.terms.slice(plan.cut.at).map((loop, i): TermLoop => {
      const extent = i === 0 ? plan.cut.size : (loop.extent ?? 1);
      terms /= extent;
      return {
        extent,
        row: access.rows?.terms[i] ?? terms * height * size,
        column: ofColumns?.[i] ?? terms * vectors * 16,
      };
    });
    return {
      kind: plan.kind,
      rows: height,
      vectors,
      rowStride: access.rows?.across ?? size,
      loops,
      tileStride: result?.across ?? vectors * 16,
    };
  }
}
