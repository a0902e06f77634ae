/**
 * A = Q R by Householder reflections, of matrices that are not wider than tall: Q has orthonormal
 * columns, R is upper triangular. The result `[b, m + n, n]` is Q above R. As in LAPACK nothing is
 * done about the signs of R's diagonal.
 *
 * A reflection is I - t v v' with v[j] = 1. While A is reduced, v lies below the diagonal in the memory
 * of Q, and t on it; the products v'A go to the row of R that they help to make. Then Q is
 * multiplied out from the last reflection to the first, with the last row of R for the products.
 *
 * The tangents are dR = (Q'dA R^-1 - S) R and dQ = (dA - Q dR) R^-1, with the skew-symmetric S
 * that has what is below the diagonal of Q'dA R^-1. They need R to be regular.
 *
 * @see Golub and Van Loan, Matrix computations (2013), section 5.2; Walter and Lehmann, Algorithmic
 *   differentiation of linear algebra functions, arXiv:1001.1654 (2010).
 */

import { type Affine, affineAdd, affineConst, affineScale, affineZero } from '../kernel/affine.ts';
import type { Expr } from '../kernel/expr.ts';
import { binary, compare, constant, select, unary } from '../kernel/scalars.ts';
import { allocate } from '../tensor/dtype.ts';
import { ShapeError, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { describeType, type TensorType, tensorType } from '../tensor/type.ts';
import { sub } from './arithmetic.ts';
import { concatenate } from './concatenate.ts';
import { type CallablePrimitive, definePrimitive, type Read } from './define.ts';
import { dot } from './dot.ts';
import { forLaws, type Laws } from './for-laws.ts';
import { after, matrixExtents, matrixTranspose, overBatches } from './matrices.ts';
import type { NestBuilder } from './nest-builder.ts';
import { slice } from './slice.ts';
import { lowerTriangle, upperTriangle } from './triangle.ts';
import { type TriangularSolveParams, triangularSolve } from './triangular-solve.ts';

function tallExtents(a: TensorType): ReturnType<typeof matrixExtents> {
  const extents = matrixExtents('qr', a);
  if (extents.rows < extents.columns) {
    throw new ShapeError(`qr: the matrices must not be wider than tall; got ${describeType(a)}.`);
  }
  return extents;
}

/** The rows of Q, or those of R. */
export function partOfQr(both: Tensor, part: 'q' | 'r'): Tensor {
  const [batch = 0, height = 0, n = 0] = both.shape;
  const m = height - n;
  const [first, rows] = part === 'q' ? [0, m] : [m, n];
  return slice(both, { start: [0, first, 0], extents: [batch, rows, n], step: [1, 1, 1] });
}

const byR: TriangularSolveParams = {
  lower: false,
  transposed: true,
  unit: false,
  tolerance: 0,
  operation: 'the derivative of linalg.qr',
};

/** Q and R of a batch of matrices `[b, m, n]`, m >= n. */
export const householderQr: CallablePrimitive<1, object> = definePrimitive({
  name: 'qr',
  arity: 1,
  type: ([a]) => {
    const { batch, rows, columns } = tallExtents(a);
    return tensorType(a.dtype, [batch, rows + columns, columns]);
  },
  linearize: ([a]) => {
    const both = householderQr(a);
    const [q, r] = [partOfQr(both, 'q'), partOfQr(both, 'r')];
    const overR = (x: Tensor): Tensor =>
      matrixTranspose(triangularSolve(r, matrixTranspose(x), byR));
    return [
      both,
      (da) => {
        const projected = dot(matrixTranspose(q), da);
        const below = lowerTriangle(overR(projected), -1);
        const skew = sub(below, matrixTranspose(below));
        const dr = upperTriangle(sub(projected, dot(skew, r)));
        return concatenate([overR(sub(da, dot(q, dr))), dr], { axis: 1 });
      },
    ];
  },
  idle: ['identity'],
  vmap: ([a]) => overBatches([a], ([x = a]) => householderQr(x)),
  lower: {
    kind: 'nest',
    emit: (k, [read], { operands: [a] }) => {
      const { batch, rows, columns } = tallExtents(a);
      k.forEach([batch], ([entry = affineZero]) =>
        new Reflections(k, entry, rows, columns).run(read),
      );
    },
  },
});

/** What the laws hold `householderQr` to. */
export const householderQrLaws: Laws = forLaws<1, object>(householderQr, {
  reference: ([a], result) => {
    const { batch, rows, columns } = tallExtents(a.type);
    const data = allocate(result.dtype, sizeOf(result.shape));
    for (let entry = 0; entry < batch; entry++) {
      const first = entry * rows * columns;
      const matrix = Array.from({ length: rows }, (_, i) =>
        Array.from({ length: columns }, (_, j) => a.data[first + i * columns + j] ?? Number.NaN),
      );
      const { q, r } = reflected(matrix, columns);
      [...q, ...r].flat().forEach((x, i) => {
        data[entry * (rows + columns) * columns + i] = x;
      });
    }
    return data;
  },
  samples: () =>
    [
      { title: 'a matrix', shape: [1, 3, 3] },
      { title: 'a tall matrix', shape: [1, 5, 3] },
      { title: 'a column', shape: [1, 4, 1] },
      { title: 'one element', shape: [1, 1, 1] },
      { title: 'no columns', shape: [1, 3, 0] },
      { title: 'no matrices', shape: [0, 3, 2] },
      { title: 'a batch', shape: [3, 3, 2] },
    ].map(({ title, shape }) => ({ title, operands: [{ shape, regular: true }], params: {} })),
});

/** Q and R by reflections of plain arrays, Q as the product of whole matrices. */
function reflected(a: number[][], columns: number): { q: number[][]; r: number[][] } {
  const rows = a.length;
  let q = a.map((_, i) => a.map((_, j) => Number(i === j)));
  const x = a.map((row) => [...row]);
  const at = (matrix: number[][], i: number, j: number): number => matrix[i]?.[j] ?? 0;
  for (let j = 0; j < columns; j++) {
    const rest = x.slice(j + 1).map((row) => row[j] ?? 0);
    if (rest.every((value) => value === 0)) continue;
    const below = rest.reduce((sum, value) => sum + value ** 2, 0);
    const alpha = at(x, j, j);
    const beta = -Math.sign(alpha || 1) * Math.sqrt(alpha ** 2 + below);
    const v = x.map((row, i) => (i < j ? 0 : i === j ? 1 : (row[j] ?? 0) / (alpha - beta)));
    const t = (beta - alpha) / beta;
    for (let c = j; c < columns; c++) {
      const w = v.reduce((sum, vi, i) => sum + vi * at(x, i, c), 0);
      v.forEach((vi, i) => {
        const row = x[i];
        if (row) row[c] = (row[c] ?? 0) - t * vi * w;
      });
    }
    q = q.map((row) => {
      const w = row.reduce((sum, value, i) => sum + value * (v[i] ?? 0), 0);
      return row.map((value, i) => value - t * w * (v[i] ?? 0));
    });
  }
  const r = Array.from({ length: columns }, (_, i) =>
    Array.from({ length: columns }, (_, j) => (j < i ? 0 : at(x, i, j))),
  );
  return { q: q.map((row) => row.slice(0, columns)), r: rows === 0 ? [] : r };
}

class Reflections {
  readonly #k: NestBuilder;
  readonly #entry: Affine;
  readonly #rows: number;
  readonly #columns: number;

  constructor(k: NestBuilder, entry: Affine, rows: number, columns: number) {
    this.#k = k;
    this.#entry = entry;
    this.#rows = rows;
    this.#columns = columns;
  }

  run(read: Read): void {
    const k = this.#k;
    const [m, n] = [affineConst(this.#rows), affineConst(this.#columns)];
    k.forEach([this.#rows, this.#columns], ([i = affineZero, j = affineZero]) =>
      this.#write(i, j, read([this.#entry, i, j])),
    );
    k.range(affineZero, n, (j) => this.#reduce(j));
    k.range(affineZero, n, (step) => {
      const j = affineAdd(affineConst(this.#columns - 1), affineScale(step, -1));
      this.#multiply(j);
    });
    // What is below the diagonal of R held intermediate products.
    k.range(affineZero, n, (i) => {
      const zero = constant(this.#read(i, i).type, 0);
      k.range(affineZero, i, (j) => this.#write(after(m, i), j, zero), true);
    });
  }

  #read(i: Affine, j: Affine): Expr {
    return this.#k.readResult(0, [this.#entry, i, j]);
  }

  #write(i: Affine, j: Affine, value: Expr): void {
    this.#k.write(0, [this.#entry, i, j], value);
  }

  /** A row of R, as it lies below Q. */
  #rowOfR(i: Affine): Affine {
    return after(i, this.#rows);
  }

  /** Finds the reflection that leaves nothing below the diagonal in column j, and applies it. */
  #reduce(j: Affine): void {
    const k = this.#k;
    const end = affineConst(this.#rows);
    const alphaNow = this.#read(j, j);
    const { type } = alphaNow;
    const zero = constant(type, 0);
    const one = constant(type, 1);
    const alpha = k.local(type, alphaNow);
    const rest = k.local(type, zero);
    k.range(after(j, 1), end, (i) => {
      rest.set(binary('max', rest.get(), unary('abs', this.#read(i, j))));
    });
    // What is below may be so small that its squares vanish; the reflection is made all the same.
    const none = k.local('bool', compare('eq', rest.get(), zero));
    // Scaled by the largest element, squares do not overflow.
    const scale = k.local(type, binary('max', rest.get(), unary('abs', alpha.get())));
    const below = k.local(type, zero);
    k.range(after(j, 1), end, (i) => {
      const part = k.local(type, binary('div', this.#read(i, j), scale.get()));
      below.set(binary('add', below.get(), binary('mul', part.get(), part.get())));
    });
    const head = k.local(type, binary('div', alpha.get(), scale.get()));
    const squares = binary('add', binary('mul', head.get(), head.get()), below.get());
    const norm = k.local(type, binary('mul', scale.get(), unary('sqrt', squares)));
    const reflectedTo = binary('copysign', norm.get(), unary('neg', alpha.get()));
    const beta = k.local(type, select(none.get(), alpha.get(), reflectedTo));
    const difference = binary('sub', alpha.get(), beta.get());
    const divisor = k.local(type, select(none.get(), one, difference));
    const t = k.local(
      type,
      select(none.get(), zero, unary('neg', binary('div', difference, beta.get()))),
    );
    const row = this.#rowOfR(j);
    this.#write(row, j, beta.get());
    this.#write(j, j, t.get());
    k.range(after(j, 1), end, (i) => {
      this.#write(i, j, binary('div', this.#read(i, j), divisor.get()));
    });
    this.#apply(
      j,
      t.get(),
      (c) => [row, c],
      (c) => this.#read(j, c),
      (c, w) => {
        this.#write(row, c, binary('sub', this.#read(j, c), w));
      },
    );
  }

  /** Multiplies reflection j with what is below and to the right of it, and its own column. */
  #multiply(j: Affine): void {
    const k = this.#k;
    const last = this.#rowOfR(affineConst(this.#columns - 1));
    const { type } = this.#read(j, j);
    const t = k.local(type, this.#read(j, j));
    const zero = constant(type, 0);
    // The row of Q at the diagonal is still that of the identity: zeros to the right of it.
    k.range(after(j, 1), affineConst(this.#columns), (c) => this.#write(j, c, zero), true);
    this.#apply(
      j,
      t.get(),
      (c) => [last, after(c, -1)],
      () => zero,
      (c, w) => {
        this.#write(j, c, unary('neg', w));
      },
    );
    k.range(after(j, 1), affineConst(this.#rows), (i) => {
      this.#write(i, j, unary('neg', binary('mul', t.get(), this.#read(i, j))));
    });
    this.#write(j, j, binary('sub', constant(type, 1), t.get()));
  }

  /**
   * Applies the reflection in column j to the columns to the right: w = t v'X, then X - v w. The
   * products are kept at `place`; `top` reads the row at the diagonal, and `finish` takes w there.
   */
  #apply(
    j: Affine,
    t: Expr,
    place: (c: Affine) => readonly [Affine, Affine],
    top: (c: Affine) => Expr,
    finish: (c: Affine, w: Expr) => void,
  ): void {
    const k = this.#k;
    const [first, columns, rows] = [
      after(j, 1),
      affineConst(this.#columns),
      affineConst(this.#rows),
    ];
    const product = (c: Affine): Expr => this.#read(...place(c));
    k.range(first, columns, (c) => this.#write(...place(c), top(c)), true);
    k.range(first, rows, (i) => {
      const v = k.local(t.type, this.#read(i, j));
      const add = (c: Affine): void => {
        const term = binary('mul', v.get(), this.#read(i, c));
        this.#write(...place(c), binary('add', product(c), term));
      };
      k.range(first, columns, add, true);
    });
    k.range(first, rows, (i) => {
      const factor = k.local(t.type, binary('mul', t, this.#read(i, j)));
      const subtract = (c: Affine): void => {
        this.#write(i, c, binary('sub', this.#read(i, c), binary('mul', factor.get(), product(c))));
      };
      k.range(first, columns, subtract, true);
    });
    k.range(first, columns, (c) => finish(c, binary('mul', t, product(c))), true);
  }
}
