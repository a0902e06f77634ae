/**
 * P A = L U by elimination with row exchanges: L has ones on its diagonal and nothing larger below, U is upper
 * triangular. The result `[b, n + 1, n]` holds U at and above the diagonal, L below it, and in its last
 * row the permutation, as numbers: row i of P A is row `permutation[i]` of A. A singular matrix has
 * such factors too; dividing by them is what fails. With complete pivoting columns are exchanged as
 * well: P A Q = L U, and one more row holds their order, that of Q'.
 *
 * Larger matrices are factorized in blocks of columns, and the rest loses the product of the
 * block's columns with its rows at once, as tiles.
 *
 * The tangents are dL = L F and dU = L^-1 P dA - F U, where F is what is below the diagonal of
 * L^-1 P dA U^-1; the permutation stays.
 *
 * @see Golub and Van Loan, Matrix computations (2013), algorithm 3.4.1 and section 3.2.10.
 */

import { type Affine, affineConst, affineOf, affineZero, type Index } from '../kernel/affine.ts';
import type { Expr } from '../kernel/expr.ts';
import { binary, cast, compare, constant, indexValue, select, unary } from '../kernel/scalars.ts';
import { allocate } from '../tensor/dtype.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { tensorType } from '../tensor/type.ts';
import { add, sub } from './arithmetic.ts';
import { cast as castTo } from './cast.ts';
import { concatenate } from './concatenate.ts';
import { zeros } from './create.ts';
import { type CallablePrimitive, definePrimitive, type Read, type Sample } from './define.ts';
import { dot } from './dot.ts';
import { forLaws, type Laws } from './for-laws.ts';
import {
  after,
  type Block,
  eachBlock,
  element,
  matrixTranspose,
  mostUnrolled,
  overBatches,
  readMatrix,
  squareExtents,
  subtractProduct,
} from './matrices.ts';
import type { NestBuilder } from './nest-builder.ts';
import { pivotRows } from './pivot-rows.ts';
import { reshape } from './reshape.ts';
import { slice } from './slice.ts';
import { identities, lowerTriangle, upperTriangle } from './triangle.ts';
import { type TriangularSolveParams, triangularSolve } from './triangular-solve.ts';

/** How L and U are divided by, as they lie in the factors. */
export const byL: TriangularSolveParams = {
  lower: true,
  transposed: false,
  unit: true,
  tolerance: 0,
};
export const byU: TriangularSolveParams = { ...byL, lower: false, unit: false };

/** L and U in one matrix `[b, n, n]`. */
export function bothFactors(factors: Tensor): Tensor {
  const [batch = 0, , order = 0] = factors.shape;
  return slice(factors, { start: [0, 0, 0], extents: [batch, order, order], step: [1, 1, 1] });
}

/** The order of the rows, int32 `[b, n]`. */
export function rowOrder(factors: Tensor): Tensor {
  return orderIn(factors, 0);
}

/** The order of the columns, of complete pivoting. */
export function columnOrder(factors: Tensor): Tensor {
  return orderIn(factors, 1);
}

function orderIn(factors: Tensor, which: number): Tensor {
  const [batch = 0, , order = 0] = factors.shape;
  const row = slice(factors, {
    start: [0, order + which, 0],
    extents: [batch, 1, order],
    step: [1, 1, 1],
  });
  return castTo(reshape(row, { shape: [batch, order] }), { dtype: 'int32' });
}

export interface LuParams {
  /** Whether columns are exchanged too, so that a zero pivot leaves nothing but zeros. */
  readonly complete: boolean;
}

/** Factors of a batch of matrices `[b, n, n]`. */
export const luFactor: CallablePrimitive<1, LuParams> = definePrimitive({
  name: 'lu',
  arity: 1,
  type: ([a], { complete }: LuParams) => {
    const { batch, order } = squareExtents('lu', a);
    return tensorType(a.dtype, [batch, order + (complete ? 2 : 1), order]);
  },
  linearize: ([a], params) => {
    const { complete } = params;
    const factors = luFactor(a, params);
    const both = bothFactors(factors);
    const rows = rowOrder(factors);
    const inOrder = (da: Tensor): Tensor => {
      const moved = pivotRows(rows, da, { inverse: false });
      if (!complete) return moved;
      const columns = columnOrder(factors);
      return matrixTranspose(pivotRows(columns, matrixTranspose(moved), { inverse: false }));
    };
    return [
      factors,
      (da) => {
        const left = triangularSolve(both, inOrder(da), byL);
        const right = triangularSolve(both, matrixTranspose(left), { ...byU, transposed: true });
        const below = lowerTriangle(matrixTranspose(right), -1);
        const l = add(lowerTriangle(both, -1), identities(tensorType(a.dtype, a.shape)));
        const dl = dot(l, below);
        const du = upperTriangle(sub(left, dot(below, upperTriangle(both))));
        const [batch = 0, order = 0] = a.shape;
        const still = zeros(tensorType(a.dtype, [batch, complete ? 2 : 1, order]));
        return concatenate([add(dl, du), still], { axis: 1 });
      },
    ];
  },
  idle: ['identity'],
  vmap: ([a], _, params) => overBatches([a], ([x = a]) => luFactor(x, params)),
  lower: {
    kind: 'nest',
    emit: (k, [read], { operands: [a], params: { complete } }) => {
      const { batch, order } = squareExtents('lu', a);
      k.forEach([batch], ([entry = affineZero]) => {
        if (order <= mostUnrolled && !complete) unrolled(k, read, entry, order);
        else new Elimination(k, entry, order).run(read, complete);
      });
    },
  },
});

/** What the laws hold `luFactor` to. */
export const luFactorLaws: Laws = forLaws<1, LuParams>(luFactor, {
  reference: ([a], result, { complete }) => {
    const { batch, order } = squareExtents('lu', a.type);
    const data = allocate(result.dtype, sizeOf(result.shape));
    const height = result.shape[1] ?? 0;
    for (let entry = 0; entry < batch; entry++) {
      const place = (i: number, j: number): number => (entry * height + i) * order + j;
      const at = (i: number, j: number): number => data[place(i, j)] ?? Number.NaN;
      const swap = (p: number, q: number): void => {
        [data[p], data[q]] = [data[q] ?? 0, data[p] ?? 0];
      };
      for (let i = 0; i < order; i++) {
        for (let which = order; which < height; which++) data[place(which, i)] = i;
        for (let j = 0; j < order; j++) {
          data[place(i, j)] = a.data[(entry * order + i) * order + j] ?? Number.NaN;
        }
      }
      for (let c = 0; c < order; c++) {
        let [row, column] = [c, c];
        for (let i = c; i < order; i++) {
          for (let j = c; j < (complete ? order : c + 1); j++) {
            if (Math.abs(at(i, j)) > Math.abs(at(row, column))) [row, column] = [i, j];
          }
        }
        for (let j = 0; j < order; j++) swap(place(c, j), place(row, j));
        swap(place(order, c), place(order, row));
        if (complete) {
          for (let i = 0; i < order; i++) swap(place(i, c), place(i, column));
          swap(place(order + 1, c), place(order + 1, column));
        }
        if (at(c, c) === 0) continue;
        for (let i = c + 1; i < order; i++) {
          data[place(i, c)] = at(i, c) / at(c, c);
          for (let j = c + 1; j < order; j++) data[place(i, j)] = at(i, j) - at(i, c) * at(c, j);
        }
      }
    }
    return data;
  },
  samples: () =>
    [
      { title: 'a matrix', shape: [1, 3, 3] },
      { title: 'one element', shape: [1, 1, 1] },
      { title: 'no rows', shape: [1, 0, 0] },
      { title: 'no matrices', shape: [0, 3, 3] },
      { title: 'a batch', shape: [3, 2, 2] },
      { title: 'rows in loops', shape: [1, 7, 7] },
    ].flatMap(({ title, shape }): Sample<LuParams>[] =>
      [false, true].map((complete) => ({ title, operands: [{ shape }], params: { complete } })),
    ),
});

/** Of few rows, which change places by choices between scalars. */
function unrolled(k: NestBuilder, read: Read, entry: Affine, order: number): void {
  const a = readMatrix(read, entry, order, order);
  const type = order > 0 ? element(a, 0, 0).type : 'float64';
  // The number of a row goes with it.
  for (const [i, row] of a.entries()) row.push(constant(type, i));
  for (let c = 0; c < order; c++) {
    for (let i = c + 1; i < order; i++) {
      const larger = compare('gt', unary('abs', element(a, i, c)), unary('abs', element(a, c, c)));
      const [upper = [], lower = []] = [a[c], a[i]];
      a[c] = upper.map((x, j) => select(larger, element(a, i, j), x));
      a[i] = lower.map((x, j) => select(larger, upper[j] ?? x, x));
    }
    const pivot = element(a, c, c);
    const isZero = compare('eq', pivot, constant(type, 0));
    for (let i = c + 1; i < order; i++) {
      const row = a[i] ?? [];
      const quotient = binary('div', element(a, i, c), pivot);
      const factor = select(isZero, constant(type, 0), quotient);
      a[i] = row.map((x, j) => {
        if (j === c) return factor;
        return j > c && j < order ? binary('sub', x, binary('mul', factor, element(a, c, j))) : x;
      });
    }
  }
  const at = (i: number, j: number): Index => [entry, affineConst(i), affineConst(j)];
  a.forEach((row, i) => {
    for (const [j, x] of row.slice(0, order).entries()) k.write(0, at(i, j), x);
    k.write(0, at(order, i), element(a, i, order));
  });
}

class Elimination {
  readonly #k: NestBuilder;
  readonly #entry: Affine;
  readonly #order: number;
  readonly #end: Affine;

  constructor(k: NestBuilder, entry: Affine, order: number) {
    this.#k = k;
    this.#entry = entry;
    this.#order = order;
    this.#end = affineConst(order);
  }

  run(read: Read, complete: boolean): void {
    const k = this.#k;
    const order = this.#order;
    k.forEach([order, order], ([i = affineZero, j = affineZero]) =>
      this.#write(i, j, read([this.#entry, i, j])),
    );
    k.forEach([order], ([i = affineZero]) => {
      const { type } = this.#read(i, i);
      this.#write(this.#end, i, cast(type, indexValue(i)));
      if (complete) this.#write(after(this.#end, 1), i, cast(type, indexValue(i)));
    });
    if (complete) {
      this.#panel({ start: affineZero, size: order }, (c) => this.#exchangeColumns(c));
      return;
    }
    eachBlock(k, order, affineZero, (block, number) => {
      this.#panel(block);
      if (!number) return;
      this.#rows(block);
      eachBlock(k, order, after(number, 1), (rows) =>
        eachBlock(k, order, after(number, 1), (columns) =>
          subtractProduct(
            k,
            { rows: rows.size, columns: columns.size, terms: block.size },
            (row, term) => this.#read(after(rows.start, row), after(block.start, term)),
            (term, column) => this.#read(after(block.start, term), after(columns.start, column)),
            (row, column) => this.#at(after(rows.start, row), after(columns.start, column)),
          ),
        ),
      );
    });
  }

  #at(i: Affine, j: Affine): Index {
    return [this.#entry, i, j];
  }

  #read(i: Affine, j: Affine): Expr {
    return this.#k.readResult(0, this.#at(i, j));
  }

  #write(i: Affine, j: Affine, value: Expr): void {
    this.#k.write(0, this.#at(i, j), value);
  }

  /** Eliminates in the columns of a block, down to the last row; `prepare` comes before each. */
  #panel({ start, size }: Block, prepare: (c: Affine) => void = () => {}): void {
    const k = this.#k;
    k.range(affineZero, affineConst(size), (step) => {
      const c = after(start, step);
      prepare(c);
      this.#exchange(c, this.#largest(c));
      const { type } = this.#read(c, c);
      const pivot = k.local(type, this.#read(c, c));
      k.choose(compare('ne', pivot.get(), constant(type, 0)), () => {
        k.range(after(c, 1), this.#end, (i) => {
          const factor = k.local(type, binary('div', this.#read(i, c), pivot.get()));
          this.#write(i, c, factor.get());
          this.#subtractRow(i, c, factor.get(), after(c, 1), after(start, size));
        });
      });
    });
  }

  /** The row with the largest element of a column, at or below the diagonal. */
  #largest(c: Affine): Affine {
    const k = this.#k;
    const first = unary('abs', this.#read(c, c));
    const best = k.local(first.type, first);
    const at = k.local('int32', indexValue(c));
    k.range(after(c, 1), this.#end, (i) => {
      const size = k.local(first.type, unary('abs', this.#read(i, c)));
      const larger = k.local('bool', compare('gt', size.get(), best.get()));
      at.set(select(larger.get(), indexValue(i), at.get()));
      best.set(select(larger.get(), size.get(), best.get()));
    });
    return affineOf(at.get());
  }

  #exchange(c: Affine, other: Affine): void {
    const k = this.#k;
    k.choose(compare('ne', indexValue(other), indexValue(c)), () => {
      k.forEach([this.#order], ([j = affineZero]) =>
        this.#swap(this.#at(c, j), this.#at(other, j)),
      );
      this.#swap(this.#at(this.#end, c), this.#at(this.#end, other));
    });
  }

  #swap(a: Index, b: Index): void {
    const k = this.#k;
    const x = k.readResult(0, a);
    const y = k.readResult(0, b);
    const [kept, moved] = [k.local(x.type, x), k.local(y.type, y)];
    k.write(0, a, moved.get());
    k.write(0, b, kept.get());
  }

  /** Brings the column with the largest element of what is left to the front. */
  #exchangeColumns(c: Affine): void {
    const k = this.#k;
    const first = unary('abs', this.#read(c, c));
    const best = k.local(first.type, first);
    const at = k.local('int32', indexValue(c));
    k.range(c, this.#end, (i) => {
      k.range(c, this.#end, (j) => {
        const size = k.local(first.type, unary('abs', this.#read(i, j)));
        const larger = k.local('bool', compare('gt', size.get(), best.get()));
        at.set(select(larger.get(), indexValue(j), at.get()));
        best.set(select(larger.get(), size.get(), best.get()));
      });
    });
    const other = affineOf(at.get());
    k.forEach([this.#order], ([i = affineZero]) => this.#swap(this.#at(i, c), this.#at(i, other)));
    const order = after(this.#end, 1);
    this.#swap(this.#at(order, c), this.#at(order, other));
  }

  /** The rows of a block, to the right of it. */
  #rows({ start, size }: Block): void {
    const k = this.#k;
    k.range(affineZero, affineConst(size), (step) => {
      const c = after(start, step);
      k.range(after(step, 1), affineConst(size), (below) => {
        const i = after(start, below);
        const { type } = this.#read(i, c);
        const factor = k.local(type, this.#read(i, c));
        this.#subtractRow(i, c, factor.get(), after(start, size), this.#end);
      });
    });
  }

  /** Takes a multiple of row c away from row i in some columns. */
  #subtractRow(i: Affine, c: Affine, factor: Expr, from: Affine, to: Affine): void {
    const update = (j: Affine): void => {
      const product = binary('mul', factor, this.#read(c, j));
      this.#write(i, j, binary('sub', this.#read(i, j), product));
    };
    this.#k.range(from, to, update, true);
  }
}
