import type { FunctionBuilder } from '../encode/module.ts';
import { printParts, printRange, pushLesser } from './ranges.ts';
import { type BlockArguments, listArguments, printBlock } from './tile-block.ts';
import {
  type Bounds,
  hasWhole,
  pushDifference,
  type Row,
  type TileContext,
  type Variable,
  whichPiece,
} from './tile-context.ts';
import type { Side } from './tile-plan.ts';

/** Functions that compute panels of so many rows or columns. */
type Packers = ReadonlyMap<number, number>;

/** The functions that a nest of tiles calls. */
export interface TileFunctions {
  readonly block: number;
  readonly packColumns: Packers;
  readonly packRows: Packers;
}

export function printTileFunctions(context: TileContext): TileFunctions {
  const { plan, access, pieces } = context;
  return {
    block: printBlock(context),
    packColumns: packersOf(plan.columns, (width) =>
      context.findsColumns(width) ? undefined : pieces.packColumns(width, context.vectors(width)),
    ),
    packRows: packersOf(plan.rows, (height) => (access.rows ? undefined : pieces.packRows(height))),
  };
}

function packersOf(side: Side, print: (count: number) => number | undefined): Packers {
  const packers = new Map<number, number>();
  for (const count of [hasWhole(side) ? side.width : 0, side.rest]) {
    const packer = count > 0 ? print(count) : undefined;
    if (packer !== undefined) packers.set(count, packer);
  }
  return packers;
}

/** What the code for a block of terms works with. */
export interface BlockVariables {
  readonly told: BlockArguments;
  /** End of the rows whose sums are kept. */
  readonly keptTo: Variable;
  /** Iterations of the loop that is cut. */
  readonly count: Variable;
}

/** Prints the work on a block of terms into a function of the kernel's parameters and batch loops. */
export class TileWork {
  readonly builder: FunctionBuilder;
  readonly variables: BlockVariables;
  readonly functions: TileFunctions;
  readonly #context: TileContext;
  readonly #piece: Variable;

  constructor(
    context: TileContext,
    functions: TileFunctions,
    builder: FunctionBuilder,
    variables: BlockVariables,
  ) {
    this.#context = context;
    this.functions = functions;
    this.builder = builder;
    this.variables = variables;
    this.#piece = { local: builder.newLocal('i32') };
  }

  /** Works out how many terms the block has, of a loop of so many iterations. */
  countTerms(extent: number): void {
    const { cut } = this.#context.plan;
    const { code } = this.builder;
    const { told, count } = this.variables;
    code.i32(extent);
    code.get(told.from.local);
    code.op('i32.sub');
    code.set(count.local);
    pushLesser(code, count, cut.size);
    code.tee(count.local);
    code.i32(cut.inner);
    code.op('i32.mul');
    code.set(told.terms.local);
  }

  /** Fills the panels of some columns. */
  packColumns(part: Bounds): void {
    const { plan, panels } = this.#context;
    const { columns } = this.variables.told;
    this.#pack(plan.columns, this.functions.packColumns, columns, part, panels.columns);
  }

  /** The tiles of some rows and all columns at hand, so many pieces of rows at a time. */
  tiles(part: Bounds, most: number): void {
    const { plan, panels } = this.#context;
    const { told } = this.variables;
    const { code } = this.builder;
    printParts(code, told.rows, part, most, () => {
      this.#pack(plan.rows, this.functions.packRows, told.rows, told.rows, panels.rows);
      this.#context.call(code, this.functions.block, listArguments(told));
    });
  }

  #pack(side: Side, packers: Packers, all: Bounds, part: Bounds, row: Row): void {
    if (packers.size === 0) return;
    const context = this.#context;
    const { code } = this.builder;
    const { told, count } = this.variables;
    printRange(code, this.#piece, part, 1, () =>
      whichPiece(code, side, this.#piece, (width) => {
        const packer = packers.get(width);
        if (packer === undefined) return;
        context.call(code, packer, [...told.before, told.from, count, this.#piece], () =>
          context.place(code, row, () => pushDifference(code, this.#piece, all.from)),
        );
      }),
    );
  }
}
