/**
 * A matrix A of at least as many rows as columns as U B V' with B upper bidiagonal and U and V products of
 * reflections (Golub and Kahan, Calculating the singular values and pseudo-inverse of a matrix, Journal of
 * the SIAM B 2 (1965) 205-224).
 *
 * The transpose of A is what is worked on, so that loops over columns are over the longer side. Step i
 * makes u of row i, which acts on the later rows w by w - tau (w'u) u', and then v of column i, which acts
 * on them by w_c - v_c x, x = tau' sum v_c w_c. Row i + 1 is updated by that at once, for the next u to be
 * made of it, and the others when the next u multiplies them, so that each step goes over the matrix twice.
 */
import { type Affine, affineLoop } from '../kernel/affine.ts';
import type { Expr, Scalar } from '../kernel/expr.ts';
import { compare, constant, indexValue } from '../kernel/scalars.ts';
import {
  eachFrom,
  int,
  type KernelMatrix,
  type KernelVector,
  place,
  reflect,
  rowGroups,
  rowOf,
  times,
} from './kernel-matrix.ts';
import { add, div, mul, sub } from './kernel-pair.ts';
import type { MutableScalar, NestBuilder } from './nest-builder.ts';

/** What the reduction leaves. */
export interface Bidiagonal {
  readonly diagonal: KernelVector;
  /** Element i stands right of element i of the diagonal. */
  readonly beside: KernelVector;
  /** Factors of the reflections in the rows of the matrix. */
  readonly leftTaus: KernelVector;
  /** Factors of the reflections in the rows of `right`. */
  readonly rightTaus: KernelVector;
  /** Row i + 1 receives the v of step i. */
  readonly right: KernelMatrix;
}

/** Reduces a matrix given by `short` rows that are its columns; row i receives the u of step i. */
export function bidiagonalize(
  k: NestBuilder,
  type: Scalar,
  [short, long]: readonly [number, number],
  w: KernelMatrix,
  { diagonal, beside, leftTaus, rightTaus, right }: Bidiagonal,
  { x, y }: { readonly x: KernelVector; readonly y: KernelVector },
): void {
  const zero = constant(type, 0);
  eachFrom(k, int(0), int(long), (at) => x.write(at, zero));
  eachFrom(k, int(0), int(short), (at) => right.write(place(int(0)), at, zero));
  k.sequential(short, (loop) => {
    const i = k.local('int32', indexValue(affineLoop(loop)));
    const next = k.local('int32', add(i.get(), int(1)));
    const own = place(i.get());
    const u = rowOf(w, own);
    const left = reflect(k, type, u, i.get(), next.get(), sub(int(long), next.get()));
    diagonal.write(own, left.beta.get());
    leftTaus.write(own, left.tau.get());
    const later = sub(int(short), next.get());
    const width = k.local('int32', sub(int(long), i.get()));
    const before = rowOf(right, own);
    rowGroups(k, next.get(), later, (rows) => {
      const factors = localsOf(k, rows, before);
      eachFrom(k, i.get(), width.get(), (at) => {
        const change = x.read(at);
        rows.forEach((row, r) => {
          w.write(row, at, sub(w.read(row, at), mul(factors[r] ?? change, change)));
        });
      });
      for (const row of rows) {
        const sum = longDot(k, type, rowOf(w, row), u, i.get(), width.get());
        y.write(row, mul(left.tau.get(), sum.get()));
      }
    });
    k.choose(compare('lt', next.get(), int(short)), () => {
      const pivot = place(next.get());
      const v = rowOf(right, pivot);
      const first = k.local(type, u.read(own));
      eachFrom(k, next.get(), later, (at) =>
        v.write(at, sub(w.read(at, own), mul(y.read(at), first.get()))),
      );
      const { beta, tau } = reflect(
        k,
        type,
        v,
        next.get(),
        add(next.get(), int(1)),
        sub(later, int(1)),
      );
      beside.write(own, beta.get());
      rightTaus.write(pivot, tau.get());
      eachFrom(k, next.get(), sub(width.get(), int(1)), (at) => x.write(at, zero));
      rowGroups(k, next.get(), later, (rows) => {
        const [vs, ys] = [localsOf(k, rows, v), localsOf(k, rows, y)];
        eachFrom(k, next.get(), sub(width.get(), int(1)), (at) => {
          const uAt = u.read(at);
          let sum = x.read(at);
          rows.forEach((row, r) => {
            const element = sub(w.read(row, at), mul(ys[r] ?? uAt, uAt));
            w.write(row, at, element);
            sum = add(sum, mul(vs[r] ?? uAt, element));
          });
          x.write(at, sum);
        });
      });
      eachFrom(k, next.get(), sub(width.get(), int(1)), (at) =>
        x.write(at, mul(tau.get(), x.read(at))),
      );
      eachFrom(k, next.get(), sub(width.get(), int(1)), (at) =>
        w.write(pivot, at, sub(w.read(pivot, at), x.read(at))),
      );
    });
  });
}

function localsOf(k: NestBuilder, rows: readonly Affine[], from: KernelVector): Expr[] {
  return rows.map((row) => {
    const element = from.read(row);
    return k.local(element.type, element).get();
  });
}

/** Terms of a sum that are added in vectors. */
const chunk = 32;

/** The sum of products of two vectors over some positions, many of them. */
function longDot(
  k: NestBuilder,
  type: Scalar,
  x: KernelVector,
  y: KernelVector,
  first: Expr,
  count: Expr,
): MutableScalar {
  const sum = k.local(type, constant(type, 0));
  const chunks = k.local('int32', div(count, int(chunk)));
  const from = k.local('int32', first);
  times(k, chunks.get(), () => {
    const part = k.reduce('add', [chunk], ([i]) => {
      const at = place(i ? add(from.get(), indexValue(i)) : from.get());
      return mul(x.read(at), y.read(at));
    });
    sum.set(add(sum.get(), part));
    from.set(add(from.get(), int(chunk)));
  });
  times(k, sub(count, mul(chunks.get(), int(chunk))), () => {
    const at = place(from.get());
    sum.set(add(sum.get(), mul(x.read(at), y.read(at))));
    from.set(add(from.get(), int(1)));
  });
  return sum;
}

/**
 * Puts the first rows of Q' in the place of reflections, Q = H_0 H_1 ..., where row i holds the v of H_i,
 * whose first element is at position i. Rows beyond the last reflection are made too.
 */
export function accumulateRows(
  k: NestBuilder,
  type: Scalar,
  [rows, columns]: readonly [number, number],
  reflections: number,
  matrix: KernelMatrix,
  taus: KernelVector,
): void {
  const [zero, one] = [constant(type, 0), constant(type, 1)];
  k.forEach([rows - reflections], ([row = place(int(0))]) => {
    const at = { base: row.base + reflections, terms: row.terms };
    eachFrom(k, int(0), int(columns), (column) => matrix.write(at, column, zero));
    matrix.write(at, at, one);
  });
  k.sequential(reflections, (loop) => {
    const i = k.local('int32', sub(int(reflections - 1), indexValue(affineLoop(loop))));
    const next = k.local('int32', add(i.get(), int(1)));
    const own = place(i.get());
    const v = rowOf(matrix, own);
    const tau = k.local(type, taus.read(own));
    const width = k.local('int32', sub(int(columns), i.get()));
    rowGroups(k, next.get(), sub(int(rows), next.get()), (group) => {
      const factors = group.map((row) => {
        matrix.write(row, own, zero);
        const sum = longDot(k, type, rowOf(matrix, row), v, i.get(), width.get());
        return k.local(type, mul(tau.get(), sum.get())).get();
      });
      eachFrom(k, i.get(), width.get(), (at) => {
        const element = v.read(at);
        group.forEach((row, r) => {
          matrix.write(row, at, sub(matrix.read(row, at), mul(factors[r] ?? element, element)));
        });
      });
    });
    eachFrom(k, int(0), i.get(), (at) => v.write(at, zero));
    eachFrom(k, next.get(), sub(width.get(), int(1)), (at) =>
      v.write(at, mul(sub(zero, tau.get()), v.read(at))),
    );
    v.write(own, sub(one, tau.get()));
  });
}
