/**
 * The multifrontal method. Panels are computed in order, children first. The front of a panel is a
 * dense matrix of its columns and of the rows below them; it starts as the matrix's own entries in
 * those columns and the updates of the children. Its columns are eliminated, which gives the panel of
 * the factor, and leaves the update of the rows below for the parent.
 *
 * Duff and Reid, The Multifrontal Solution of Indefinite Sparse Symmetric Linear Equations (1983).
 */
import { type Affine, affineConst, affineLoop, affineZero } from '../../kernel/affine.ts';
import type { Expr } from '../../kernel/expr.ts';
import { binary, compare, constant } from '../../kernel/scalars.ts';
import type { DType } from '../../tensor/dtype.ts';
import type { Read } from '../define.ts';
import type { MutableScalar, NestBuilder, Scratch } from '../nest-builder.ts';
import { fields } from './analysis/factor-plan.ts';
import { half, minus, place, plus, times } from './positions.ts';

/** A run of elements in memory, counted from its beginning. */
export interface Line {
  read(i: Affine): Expr;
  write(i: Affine, value: Expr): void;
}

/** A float subtraction of a product. */
export function lessProduct(x: Expr, y: Expr, z: Expr): Expr {
  return binary('sub', x, binary('mul', y, z));
}

/** What the kernels of factorizations read. */
export interface FrontReads {
  readonly values: Read;
  readonly table: Read;
  readonly children: Read;
  readonly relative: Read;
  readonly source: Read;
  readonly target: Read;
}

export interface FrontSizes {
  readonly lu: boolean;
  readonly panels: number;
  readonly stackSize: number;
}

/** The front of one panel while its kernel is written. */
export class Front {
  readonly k: NestBuilder;
  readonly dtype: DType;
  /** First column, columns, rows below, and both together. */
  readonly first: Expr;
  readonly columns: Expr;
  readonly below: Expr;
  readonly height: Expr;
  readonly panel: Expr;
  readonly upper: Expr;
  readonly pivots: Expr;
  readonly update: Expr;
  readonly #reads: FrontReads;
  readonly #batch: Affine;
  readonly #panelNumber: Affine;
  readonly #stack: Scratch;
  readonly #lu: boolean;

  constructor(
    k: NestBuilder,
    reads: FrontReads,
    stack: Scratch,
    at: { dtype: DType; batch: Affine; panel: Affine; lu: boolean },
  ) {
    this.k = k;
    this.dtype = at.dtype;
    this.#reads = reads;
    this.#batch = at.batch;
    this.#panelNumber = at.panel;
    this.#stack = stack;
    this.#lu = at.lu;
    this.first = this.field('first');
    this.columns = this.field('columns');
    this.below = this.field('below');
    this.height = this.keep(plus(this.columns, this.below));
    this.panel = this.field('panel');
    this.upper = this.field('upper');
    this.pivots = this.field('pivots');
    this.update = this.field('update');
  }

  /** An int32 value in a local. */
  keep(value: Expr): Expr {
    return this.k.local('int32', value).get();
  }

  /** A float in a local. */
  scalar(value: Expr): MutableScalar {
    return this.k.local(this.dtype, value);
  }

  field(name: keyof typeof fields, panel: Affine = this.#panelNumber): Expr {
    return this.keep(this.#reads.table([panel, affineConst(fields[name])]));
  }

  /** Elements of the factor from a place on. */
  factor(from: Expr): Line {
    return {
      read: (i) => this.k.readResult(0, [this.#batch, place(from, i)]),
      write: (i, value) => this.k.write(0, [this.#batch, place(from, i)], value),
    };
  }

  /** Elements of the memory for updates from a place on. */
  stack(from: Expr): Line {
    return {
      read: (i) => this.#stack.read([place(from, i)]),
      write: (i, value) => this.#stack.write([place(from, i)], value),
    };
  }

  /** A column of the panel, counted from row 0 of the front. */
  column(j: Affine | Expr): Line {
    return this.factor(this.keep(plus(this.panel, times(j, this.height))));
  }

  /** A row of U right of the block of the panel. */
  row(i: Affine | Expr): Line {
    return this.factor(this.keep(plus(this.upper, times(i, this.below))));
  }

  /** A column of the update. */
  updateColumn(j: Affine | Expr): Line {
    return this.stack(this.keep(plus(this.update, times(j, this.below))));
  }

  /** Puts together what the front starts as. */
  assemble(): void {
    const { k, columns, below, height } = this;
    const zero = constant(this.dtype, 0);
    const width = this.#lu ? plus(height, below) : height;
    const own = this.factor(this.panel);
    k.range(affineZero, place(this.keep(times(columns, width))), (i) => own.write(i, zero), true);
    const update = this.stack(this.update);
    k.range(affineZero, place(this.keep(times(below, below))), (i) => update.write(i, zero), true);
    const { source, target, values } = this.#reads;
    const entries = [this.field('entries'), this.field('entriesEnd')] as const;
    k.range(place(entries[0]), place(entries[1]), (e) => {
      const value = values([this.#batch, place(source([e]))]);
      k.write(0, [this.#batch, place(target([e]))], value);
    });
    const children = [this.field('children'), this.field('childrenEnd')] as const;
    k.range(place(children[0]), place(children[1]), (c) => {
      this.#addChild(place(this.keep(this.#reads.children([c]))));
    });
  }

  #addChild(child: Affine): void {
    const { k } = this;
    const size = this.field('below', child);
    const rows = this.field('rows', child);
    const update = this.field('update', child);
    const inside = this.field('inside', child);
    const position = (i: Affine): Expr => this.#reads.relative([place(rows, i)]);
    const addTo = (to: Line, from: Line, begin: Affine, end: Affine, step?: Expr): void => {
      k.range(begin, end, (i) => {
        const at = position(i);
        const there = place(this.keep(step ? times(at, step) : at));
        to.write(there, binary('add', to.read(there), from.read(i)));
      });
    };
    k.range(affineZero, place(inside), (j) => {
      const from = this.stack(this.keep(plus(update, times(j, size))));
      const begin = this.#lu ? affineZero : j;
      addTo(this.column(this.keep(position(j))), from, begin, place(size));
    });
    k.range(place(inside), place(size), (j) => {
      const from = this.stack(this.keep(plus(update, times(j, size))));
      const column = this.keep(minus(position(j), this.columns));
      const start = plus(this.update, minus(times(column, this.below), this.columns));
      const begin = this.#lu ? place(inside) : j;
      addTo(this.stack(this.keep(start)), from, begin, place(size));
      if (!this.#lu) return;
      const upper = this.factor(this.keep(plus(this.upper, column)));
      addTo(upper, from, affineZero, place(inside), this.below);
    });
  }

  /**
   * Subtracts from each target the sum of the sources times its factors, element by element from
   * `begin` to `end`.
   */
  subtract(
    begin: Affine,
    end: Affine,
    sources: readonly Line[],
    targets: readonly { readonly line: Line; readonly factors: readonly MutableScalar[] }[],
  ): void {
    this.k.range(
      begin,
      end,
      (i) => {
        const terms = sources.map((source) => source.read(i));
        for (const { line, factors } of targets) {
          const value = terms.reduce((sum, term, p) => {
            const factor = factors[p];
            return factor ? lessProduct(sum, term, factor.get()) : sum;
          }, line.read(i));
          line.write(i, value);
        }
      },
      true,
    );
  }

  /** Calls `body` for two numbers at a time from `begin` to `end`, and for the one that is left. */
  inPairs(begin: Expr, end: Expr, body: (numbers: readonly Expr[]) => void): void {
    const { k } = this;
    const count = this.keep(minus(end, begin));
    k.range(affineZero, place(half(count)), (q) => {
      const first = this.keep(plus(begin, times(q, 2)));
      body([first, this.keep(plus(first, 1))]);
    });
    const odd = binary('and', count, constant('int32', 1));
    k.choose(compare('ne', odd, constant('int32', 0)), () => body([this.keep(minus(end, 1))]));
  }
}

/** Goes through columns in blocks of up to four; `body` is written for each width. */
export function inBlocks(
  k: NestBuilder,
  columns: Expr,
  body: (start: Expr, width: number) => void,
): void {
  const most = 4;
  const keep = (value: Expr): Expr => k.local('int32', value).get();
  const blocks = keep(binary('shr_u', plus(columns, most - 1), constant('int32', 2)));
  k.range(affineZero, place(blocks), (block) => {
    const start = keep(times(block, most));
    const left = keep(minus(columns, start));
    const choose = (width: number): void => {
      if (width === 1) {
        body(start, 1);
        return;
      }
      const isWidth = compare(width === most ? 'ge' : 'eq', left, constant('int32', width));
      k.choose(
        isWidth,
        () => body(start, width),
        () => choose(width - 1),
      );
    };
    choose(most);
  });
}

/** Writes the kernel of a factorization: `eliminate` the columns of each front in turn. */
export function emitFronts(
  k: NestBuilder,
  reads: FrontReads,
  { lu, panels, stackSize }: FrontSizes,
  { dtype, batch }: { dtype: DType; batch: number },
  eliminate: (front: Front, batch: Affine) => void,
): void {
  const stack = k.scratch(dtype, [Math.max(1, stackSize)]);
  k.forEachInOrder([batch], ([b = affineZero]) => {
    k.sequential(panels, (loop) => {
      const front = new Front(k, reads, stack, { dtype, batch: b, panel: affineLoop(loop), lu });
      front.assemble();
      eliminate(front, b);
    });
  });
}
