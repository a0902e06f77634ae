import {
  type Affine,
  affineConst,
  affineLoop,
  affineShift,
  affineZero,
} from '../../kernel/affine.ts';
import type { Expr } from '../../kernel/expr.ts';
import { binary, cast, constant } from '../../kernel/scalars.ts';
import { allocate, type DType, isFloat } from '../../tensor/dtype.ts';
import { DTypeError, ShapeError } from '../../tensor/shape.ts';
import { describeType, tensorType } from '../../tensor/type.ts';
import { isLinear } from '../cotangent.ts';
import { type CallablePrimitive, definePrimitive, type Read } from '../define.ts';
import { forLaws, type Laws } from '../for-laws.ts';
import type { NestBuilder, Scratch } from '../nest-builder.ts';
import { fields } from './analysis/factor-plan.ts';
import { inBlocks, type Line, lessProduct } from './front.ts';
import type { PlanTables } from './plan-tables.ts';
import { minus, place, plus, times } from './positions.ts';
import { referenceSolve } from './reference-solve.ts';
import { solveSamples } from './samples.ts';
import { batchedSolve } from './shared-solve.ts';

export interface FactorSolveParams {
  readonly tables: PlanTables;
  /** Whether the system of the transposed matrix is solved. */
  readonly transposed: boolean;
}

/**
 * Solves systems by factors that `factorize` made: `[batch, size]` by `[batch, n, columns]`, in the order
 * of elimination. Linear in the right-hand sides; the factor counts as constant.
 */
export const factorSolve: CallablePrimitive<4, FactorSolveParams> = definePrimitive({
  name: 'sparseFactorSolve',
  arity: 4,
  type: ([factor, b], { tables: { plan } }: FactorSolveParams) => {
    const [batch, rows] = b.shape;
    if (factor.dtype !== b.dtype || !isFloat(b.dtype)) {
      throw new DTypeError(
        `sparseFactorSolve: needs floats of one dtype; got ${describeType(factor)} and ${describeType(b)}.`,
      );
    }
    if (b.shape.length !== 3 || rows !== plan.order || batch !== factor.shape[0]) {
      throw new ShapeError(
        `sparseFactorSolve: right-hand sides are [batch, ${plan.order}, columns]; got ${describeType(b)} for ${describeType(factor)}.`,
      );
    }
    return tensorType(b.dtype, b.shape);
  },
  linear: { in: [1], as: 'each' },
  transpose: (ct, [factor, b, table, rows], { tables, transposed }) => {
    if (isLinear(factor) || !isLinear(b) || isLinear(table) || isLinear(rows)) return;
    b.add(factorSolve(factor, ct, table, rows, { tables, transposed: !transposed }));
  },
  vmap: ([factor, b, table, rows], batched, params) =>
    batchedSolve([factor, b], batched, (f, rhs) => factorSolve(f, rhs, table, rows, params)),
  lower: {
    kind: 'nest',
    emit: (k, [readFactor, readB, readTable, readRows], { params, operands, results }) => {
      const { plan } = params.tables;
      const [, b] = operands;
      const [batch = 0, n = 0, columns = 0] = results[0]?.shape ?? [];
      const memory = k.scratch(b.dtype, [Math.max(1, plan.mostBelow)]);
      k.forEachInOrder([batch], ([entry = affineZero]) => {
        k.forEach([n, columns], ([i = affineZero, c = affineZero]) =>
          k.write(0, [entry, i, c], readB([entry, i, c])),
        );
        const panelAt = (panel: Affine): Panel =>
          new Panel(k, { readFactor, readTable, readRows }, memory, {
            ...params,
            dtype: b.dtype,
            entry,
            panel,
            columns,
          });
        k.sequential(plan.panels, (loop) => panelAt(affineLoop(loop)).forward());
        k.sequential(plan.panels, (loop) => {
          const last = affineConst(plan.panels - 1);
          const back = place(minus(last, affineLoop(loop)));
          panelAt(plan.panels === 1 ? affineZero : back).backward();
        });
      });
    },
  },
});

/** What the laws hold `factorSolve` to. */
export const factorSolveLaws: Laws = forLaws<4, FactorSolveParams>(factorSolve, {
  reference: ([factor, b], result, { tables: { plan }, transposed }) => {
    const [batch = 0, n = 0, columns = 0] = result.shape;
    const data = allocate(result.dtype, batch * n * columns);
    for (let entry = 0; entry < batch; entry++) {
      const own = factor.data.subarray(entry * plan.factorSize, (entry + 1) * plan.factorSize);
      for (let c = 0; c < columns; c++) {
        const at = (i: number): number => (entry * n + i) * columns + c;
        const rhs = Array.from({ length: n }, (_, i) => b.data[at(i)] ?? Number.NaN);
        referenceSolve(plan, own, rhs, transposed).forEach((x, i) => {
          data[at(i)] = x;
        });
      }
    }
    return data;
  },
  samples: () => solveSamples(),
});

interface PanelReads {
  readonly readFactor: Read;
  readonly readTable: Read;
  readonly readRows: Read;
}

/** One panel of a factor while the kernel of a solution is written. */
class Panel {
  readonly #k: NestBuilder;
  readonly #reads: PanelReads;
  readonly #memory: Scratch;
  readonly #at: {
    readonly tables: PlanTables;
    readonly transposed: boolean;
    readonly dtype: DType;
    readonly entry: Affine;
    readonly panel: Affine;
    /** Right-hand sides. */
    readonly columns: number;
  };
  readonly #first: Expr;
  readonly #columns: Expr;
  readonly #below: Expr;
  readonly #height: Expr;
  readonly #panel: Expr;
  readonly #rows: Expr;
  readonly #lu: boolean;

  constructor(
    k: NestBuilder,
    reads: PanelReads,
    memory: Scratch,
    at: {
      tables: PlanTables;
      transposed: boolean;
      dtype: DType;
      entry: Affine;
      panel: Affine;
      columns: number;
    },
  ) {
    this.#k = k;
    this.#reads = reads;
    this.#memory = memory;
    this.#at = at;
    this.#lu = at.tables.plan.kind === 'lu';
    this.#first = this.#field('first');
    this.#columns = this.#field('columns');
    this.#below = this.#field('below');
    this.#height = this.#keep(plus(this.#columns, this.#below));
    this.#panel = this.#field('panel');
    this.#rows = this.#field('rows');
  }

  /** Solves with the lower triangular factor: L, or the transpose of U. */
  forward(): void {
    const { transposed } = this.#at;
    if (this.#lu && !transposed) this.#exchange(false);
    this.#k.range(affineZero, place(this.#columns), (j) => {
      const own = this.#solution(plus(this.#first, j));
      if (!this.#lu || transposed) this.#divide(own, j);
      const line = this.#lu && transposed ? this.#blockRow(j) : this.#column(j);
      this.#k.range(affineShift(j, 1), place(this.#columns), (i) => {
        this.#subtract(this.#solution(plus(this.#first, i)), line.read(i), own);
      });
    });
    const off = (j: Affine): Line => this.#off(j, this.#lu && transposed);
    if (this.#at.columns === 1) this.#spread(off);
    else {
      this.#eachBelow(off, (l, own, there) => this.#subtract(there, l, own));
    }
  }

  /** Solves with the upper triangular factor: U, or the transpose of L. */
  backward(): void {
    const { transposed } = this.#at;
    const off = (j: Affine): Line => this.#off(j, this.#lu && !transposed);
    if (this.#at.columns === 1) this.#gather(off);
    else this.#eachBelow(off, (l, own, there) => this.#subtract(own, l, there));
    const last = this.#keep(minus(this.#columns, 1));
    this.#k.range(affineZero, place(this.#columns), (step) => {
      const j = place(this.#keep(minus(last, step)));
      const own = this.#solution(plus(this.#first, j));
      if (this.#lu && !transposed) {
        this.#divide(own, j);
        const line = this.#column(j);
        this.#k.range(affineZero, j, (i) => {
          this.#subtract(this.#solution(plus(this.#first, i)), line.read(i), own);
        });
        return;
      }
      const line = this.#column(j);
      this.#k.range(affineShift(j, 1), place(this.#columns), (i) => {
        this.#subtract(own, line.read(i), this.#solution(plus(this.#first, i)));
      });
      if (!this.#lu) this.#divide(own, j);
    });
    if (this.#lu && transposed) this.#exchange(true);
  }

  #keep(value: Expr): Expr {
    return this.#k.local('int32', value).get();
  }

  #field(name: keyof typeof fields): Expr {
    return this.#keep(this.#reads.readTable([this.#at.panel, affineConst(fields[name])]));
  }

  #line(from: Expr, step: Expr | number = 1): Line {
    const start = this.#keep(from);
    return {
      read: (i) => {
        const moved = step === 1 ? i : times(i, step);
        return this.#reads.readFactor([this.#at.entry, place(start, moved)]);
      },
      write: () => {
        throw new Error('A factor is not written here.');
      },
    };
  }

  #column(j: Affine): Line {
    return this.#line(plus(this.#panel, times(j, this.#height)));
  }

  /** A row of the block of the panel. */
  #blockRow(i: Affine): Line {
    return this.#line(plus(this.#panel, i), this.#height);
  }

  /** What is right of the block in a row of U, or below it in a column of L. */
  #off(j: Affine, upper: boolean): Line {
    return upper
      ? this.#line(plus(this.#field('upper'), times(j, this.#below)))
      : this.#line(plus(plus(this.#panel, times(j, this.#height)), this.#columns));
  }

  /** A row of the right-hand sides, which become the solutions. */
  #solution(row: Expr): Line {
    const { entry } = this.#at;
    const at = place(this.#keep(row));
    return {
      read: (c) => this.#k.readResult(0, [entry, at, c]),
      write: (c, value) => this.#k.write(0, [entry, at, c], value),
    };
  }

  /** Calls `body` for each right-hand side. */
  #each(body: (c: Affine) => void): void {
    if (this.#at.columns === 1) body(affineZero);
    else this.#k.range(affineZero, affineConst(this.#at.columns), body, true);
  }

  #subtract(from: Line, factor: Expr, line: Line): void {
    const l = this.#k.local(this.#at.dtype, factor).get();
    this.#each((c) => from.write(c, lessProduct(from.read(c), l, line.read(c))));
  }

  #divide(own: Line, j: Affine): void {
    const pivot = this.#k.local(this.#at.dtype, this.#column(j).read(j)).get();
    this.#each((c) => own.write(c, binary('div', own.read(c), pivot)));
  }

  #exchange(backwards: boolean): void {
    const last = this.#keep(minus(this.#columns, 1));
    const pivots = this.#line(this.#field('pivots'));
    this.#k.range(affineZero, place(this.#columns), (step) => {
      const j = backwards ? place(this.#keep(minus(last, step))) : step;
      const other = this.#keep(cast('int32', pivots.read(j)));
      const [a, b] = [
        this.#solution(plus(this.#first, j)),
        this.#solution(plus(this.#first, other)),
      ];
      this.#each((c) => {
        const x = this.#k.local(this.#at.dtype, a.read(c)).get();
        const y = this.#k.local(this.#at.dtype, b.read(c)).get();
        a.write(c, y);
        b.write(c, x);
      });
    });
  }

  /** Calls `body` for each element below the block, its column's solution and its row's. */
  #eachBelow(off: (j: Affine) => Line, body: (l: Expr, own: Line, there: Line) => void): void {
    this.#k.range(affineZero, place(this.#columns), (j) => {
      const line = off(j);
      const own = this.#solution(plus(this.#first, j));
      this.#k.range(affineZero, place(this.#below), (i) => {
        body(line.read(i), own, this.#solution(this.#rowBelow(i)));
      });
    });
  }

  #rowBelow(i: Affine): Expr {
    return this.#reads.readRows([place(this.#rows, i)]);
  }

  /** Subtracts what the columns of the panel contribute to the rows below, which are added up first. */
  #spread(off: (j: Affine) => Line): void {
    const { dtype } = this.#at;
    const zero = constant(dtype, 0);
    const all = [affineZero, place(this.#below)] as const;
    this.#k.range(...all, (i) => this.#memory.write([i], zero), true);
    inBlocks(this.#k, this.#columns, (start, width) => {
      const parts = Array.from({ length: width }, (_, p) => {
        const j = place(start, p);
        const x = this.#k.local(dtype, this.#solution(plus(this.#first, j)).read(affineZero));
        return { line: off(j), x: x.get() };
      });
      this.#k.range(
        ...all,
        (i) => {
          const sum = parts.reduce(
            (value, { line, x }) => binary('add', value, binary('mul', line.read(i), x)),
            this.#memory.read([i]),
          );
          this.#memory.write([i], sum);
        },
        true,
      );
    });
    this.#k.range(...all, (i) => {
      const there = this.#solution(this.#rowBelow(i));
      there.write(affineZero, binary('sub', there.read(affineZero), this.#memory.read([i])));
    });
  }

  /** Subtracts what the rows below contribute to the columns of the panel. */
  #gather(off: (j: Affine) => Line): void {
    const { dtype } = this.#at;
    const all = [affineZero, place(this.#below)] as const;
    this.#k.range(...all, (i) => {
      this.#memory.write([i], this.#solution(this.#rowBelow(i)).read(affineZero));
    });
    inBlocks(this.#k, this.#columns, (start, width) => {
      const parts = Array.from({ length: width }, (_, p) => {
        const j = place(start, p);
        const sum = this.#k.local(dtype, constant(dtype, 0));
        return { line: off(j), own: this.#solution(plus(this.#first, j)), sum };
      });
      this.#k.range(...all, (i) => {
        const x = this.#k.local(dtype, this.#memory.read([i])).get();
        for (const { line, sum } of parts) {
          sum.set(binary('add', sum.get(), binary('mul', line.read(i), x)));
        }
      });
      for (const { own, sum } of parts) {
        own.write(affineZero, binary('sub', own.read(affineZero), sum.get()));
      }
    });
  }
}
