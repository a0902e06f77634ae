import type { Kernel } from '../../../kernel/statement.ts';
import type { Code } from '../encode/code.ts';
import type { FunctionBuilder } from '../encode/module.ts';
import { align } from '../layout.ts';
import { bytesOf } from './micro-kernel.ts';
import type { ModuleParts } from './parts.ts';
import { type Int, pushInt } from './ranges.ts';
import { accessOf, type TileAccess } from './tile-access.ts';
import type { TileNest } from './tile-nest.ts';
import { TilePieces } from './tile-pieces.ts';
import { planTiles, type Side, type TilePlan } from './tile-plan.ts';
import type { Sharing } from './tile-sharing.ts';

export interface Variable {
  readonly local: number;
}

/** Bounds of a range, in locals. */
export interface Bounds {
  readonly from: Variable;
  readonly to: Variable;
}

/** Panels or tiles in a row, each of so many bytes, in the scratch memory. */
export interface Row {
  readonly start: number;
  readonly bytes: number;
  /** Whether it is one for all threads, rather than one for each. */
  readonly common: boolean;
}

/** What the functions of a tile nest share. */
export class TileContext {
  readonly parts: ModuleParts;
  readonly nest: TileNest;
  readonly plan: TilePlan;
  readonly access: TileAccess;
  readonly pieces: TilePieces;
  readonly panels: { readonly columns: Row; readonly rows: Row; readonly sums: Row };
  /** Pieces of rows whose sums are kept at once. */
  readonly keptPieces: number;
  /** What threads share, if anything. */
  readonly sharing: Sharing | undefined;
  /** Parameters of every function: those of the kernel, then the outer and the batch loops. */
  readonly params: number;
  /** Those of the kernel. */
  readonly kernelParams: number;

  constructor(parts: ModuleParts, kernel: Kernel, nest: TileNest) {
    this.parts = parts;
    this.nest = nest;
    const plan = planTiles(nest);
    this.plan = plan;
    this.access = accessOf(nest, plan);
    this.pieces = new TilePieces(parts, kernel, nest, plan);
    this.kernelParams = kernel.params.length;
    this.params = kernel.params.length + nest.outer.length + nest.batch.length;
    const { rows, columns, terms, columnPieces, rowPieces, blocks } = plan;
    const widths = [...(hasWhole(columns) ? [columns.width] : []), columns.rest].filter(Boolean);
    const all = (direct: (width: number) => boolean): boolean => widths.every(direct);
    const keepsNone = all((width) => this.leavesResult(width));
    this.keptPieces = keepsNone ? rows.pieces : plan.keptPieces;
    const tiles = keepsNone ? 0 : blocks === 1 ? 1 : plan.keptPieces * columnPieces;
    const size = bytesOf(plan.kind);
    let end = 0;
    this.sharing = parts.shared?.sharingOf(parts.shared.grain, nest, plan);
    const row = (bytes: number, count: number, common: boolean): Row => {
      const start = parts.scratchAt + end;
      end += align(bytes * count);
      return { start, bytes, common };
    };
    const byRows = this.sharing?.by === 'rows';
    const columnPanels = all((width) => this.findsColumns(width)) ? 0 : columnPieces;
    this.panels = {
      columns: row(terms * columns.width * size, columnPanels, byRows),
      rows: row(terms * rows.width * size, this.access.rows ? 0 : rowPieces, false),
      sums: row(rows.width * columns.width * size, tiles, byRows && blocks > 1),
    };
    parts.needScratch(end);
  }

  vectors(columns: number): number {
    return Math.ceil(columns / this.plan.lanes);
  }

  /** Whether a piece of so many columns is used where it lies. */
  findsColumns(width: number): boolean {
    return this.access.columns !== undefined && width % this.plan.lanes === 0;
  }

  /** Whether the sums of so many columns are left where they belong. */
  leavesResult(width: number): boolean {
    return this.access.result !== undefined && width % this.plan.lanes === 0;
  }

  /** A function of the kernel's parameters, the batch loops and more. */
  function(more: number): FunctionBuilder {
    const params = Array.from({ length: this.params + more }, () => 'i32' as const);
    return this.parts.module.function(params, []);
  }

  /** Calls a function of the kernel's parameters, maybe a place, the batch loops, and more. */
  call(code: Code, callee: number, more: readonly Int[], place?: () => void): void {
    for (let i = 0; i < this.kernelParams; i++) code.get(i);
    place?.();
    for (let i = this.kernelParams; i < this.params; i++) code.get(i);
    for (const value of more) pushInt(code, value);
    code.call(callee);
  }

  /** Leaves the address of an element of a row on the stack; `at` leaves its number. */
  place(code: Code, { start, bytes, common }: Row, at: () => void): void {
    const { base, shared } = this.parts;
    code.globalGet(base);
    if (shared && !common) {
      code.globalGet(shared.scratch);
      code.op('i32.add');
    }
    code.i32(start);
    code.op('i32.add');
    at();
    code.i32(bytes);
    code.op('i32.mul');
    code.op('i32.add');
  }
}

/** Whether there are pieces of the usual size. */
export function hasWhole({ perRun, rest }: Side): boolean {
  return perRun > 1 || rest === 0;
}

/** Leaves how far a variable is above another on the stack. */
export function pushDifference(code: Code, a: Variable, b: Variable): void {
  code.get(a.local);
  code.get(b.local);
  code.op('i32.sub');
}

/** Prints code for a piece of the usual size or for the rest of a run, or chooses between them. */
export function whichPiece(
  code: Code,
  { width, rest, perRun, pieces }: Side,
  piece: Variable,
  print: (count: number) => void,
): void {
  if (rest === 0 || perRun === 1) {
    print(rest > 0 ? rest : width);
    return;
  }
  code.get(piece.local);
  if (pieces > perRun) {
    code.i32(perRun);
    code.op('i32.rem_u');
  }
  code.i32(perRun - 1);
  code.op('i32.eq');
  code.if(() => {
    print(rest);
    code.else();
    print(width);
  });
}
