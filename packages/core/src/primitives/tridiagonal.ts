/**
 * A symmetric matrix A as Q T Q' with T tridiagonal and Q a product of reflections (Golub and Van Loan,
 * Matrix Computations (2013), section 8.3.1), from the last row to the first.
 *
 * Reflection i is made of row i and acts on the rows before it. It updates them by
 * A - v w' - w v', w = p - tau/2 (p'v) v, p = tau A v. The next row is updated at once, for the next
 * reflection to be made of it; all others are when that one multiplies them, so that each step reads
 * the matrix once.
 */
import { type Affine, affineLoop, affineZero } from '../kernel/affine.ts';
import type { Expr, Scalar } from '../kernel/expr.ts';
import { constant, indexValue } from '../kernel/scalars.ts';
import {
  dotOf,
  eachFrom,
  int,
  type KernelMatrix,
  type KernelVector,
  minus,
  place,
  reflect,
  rowGroups,
  rowOf,
} from './kernel-matrix.ts';
import { add, mul, sub } from './kernel-pair.ts';
import type { NestBuilder } from './nest-builder.ts';

/** Where a tridiagonal matrix goes. */
export interface Tridiagonal {
  readonly diagonal: KernelVector;
  /** Element i stands beside elements i and i+1 of the diagonal. */
  readonly beside: KernelVector;
  /** Tau of reflection i. */
  readonly taus: KernelVector;
}

/** Memory for a step. */
export interface Work {
  readonly w: KernelVector;
  readonly p: KernelVector;
}

/** Reduces a matrix, both of whose triangles are there; row i receives the v of reflection i. */
export function tridiagonalize(
  k: NestBuilder,
  type: Scalar,
  n: number,
  a: KernelMatrix,
  { diagonal, beside, taus }: Tridiagonal,
  { w, p }: Work,
): void {
  const none = int(0);
  const zero = constant(type, 0);
  eachFrom(k, none, int(n), (at) => w.write(at, zero));
  // Row n is there for the first step, which has nothing to update by.
  eachFrom(k, none, int(n), (at) => a.write(place(int(n)), at, zero));
  k.sequential(n - 1, (loop) => {
    const i = k.local('int32', sub(int(n - 1), indexValue(affineLoop(loop))));
    const own = place(i.get());
    const before = place(i.get(), -1);
    const v = rowOf(a, own);
    const last = rowOf(a, place(i.get(), 1));
    diagonal.write(own, a.read(own, own));
    const { beta, tau } = reflect(k, type, v, minus(i.get(), 1), none, minus(i.get(), 1));
    beside.write(before, beta.get());
    taus.write(own, tau.get());
    eachFrom(k, none, i.get(), (at) => p.write(at, zero));
    rowGroups(k, none, i.get(), (rows) => {
      const [vs, ws, lasts] = [v, w, last].map((from) =>
        rows.map((row) => k.local(type, from.read(row))),
      );
      eachFrom(k, int(0), i.get(), (at) => {
        let sum = p.read(at);
        const [lastAt, wAt] = [last.read(at), w.read(at)];
        rows.forEach((row, r) => {
          const [x, y, z] = [vs?.[r], ws?.[r], lasts?.[r]];
          if (!x || !y || !z) throw new Error('unreachable');
          const element = sub(sub(a.read(row, at), mul(z.get(), wAt)), mul(y.get(), lastAt));
          a.write(row, at, element);
          sum = add(sum, mul(x.get(), element));
        });
        p.write(at, sum);
      });
    });
    const half = dotOf(k, type, p, v, none, i.get());
    const shift = k.local(
      type,
      mul(mul(tau.get(), tau.get()), mul(constant(type, 0.5), half.get())),
    );
    eachFrom(k, none, i.get(), (at) =>
      w.write(at, sub(mul(tau.get(), p.read(at)), mul(shift.get(), v.read(at)))),
    );
    const [vb, wb] = [k.local(type, v.read(before)), k.local(type, w.read(before))];
    eachFrom(k, none, i.get(), (at) => {
      const change = add(mul(vb.get(), w.read(at)), mul(wb.get(), v.read(at)));
      a.write(before, at, sub(a.read(before, at), change));
    });
  });
  diagonal.write(affineZero, a.read(affineZero, affineZero));
}

/** Puts Q in the place of the reflections. */
export function accumulate(
  k: NestBuilder,
  type: Scalar,
  n: number,
  a: KernelMatrix,
  taus: KernelVector,
  sums: KernelVector,
): void {
  const none = int(0);
  const zero = constant(type, 0);
  a.write(affineZero, affineZero, constant(type, 1));
  k.sequential(n - 1, (loop) => {
    const i = k.local('int32', add(indexValue(affineLoop(loop)), int(1)));
    const own = place(i.get());
    reflectRows(k, type, a, rowOf(a, own), taus.read(own), i.get(), i.get(), sums);
    eachFrom(k, none, i.get(), (at) => a.write(own, at, zero));
    eachFrom(k, none, i.get(), (at) => a.write(at, own, zero));
    a.write(own, own, constant(type, 1));
  });
}

/** Takes so many rows and columns of a matrix to those of (I - tau v v') times it. */
function reflectRows(
  k: NestBuilder,
  type: Scalar,
  a: KernelMatrix,
  v: KernelVector,
  factor: Expr,
  rowCount: Expr,
  columnCount: Expr,
  sums: KernelVector,
): void {
  const none = int(0);
  const tau = k.local(type, factor);
  const factors = (rows: readonly Affine[]): Expr[] =>
    rows.map((row) => k.local(type, v.read(row)).get());
  eachFrom(k, none, columnCount, (at) => sums.write(at, constant(type, 0)));
  rowGroups(k, none, rowCount, (rows) => {
    const vs = factors(rows);
    eachFrom(k, none, columnCount, (at) => {
      const terms = rows.map((row, r) => mul(vs[r] ?? tau.get(), a.read(row, at)));
      sums.write(at, terms.reduce(add, sums.read(at)));
    });
  });
  eachFrom(k, none, columnCount, (at) => sums.write(at, mul(tau.get(), sums.read(at))));
  rowGroups(k, none, rowCount, (rows) => {
    const vs = factors(rows);
    eachFrom(k, none, columnCount, (at) => {
      const sum = sums.read(at);
      rows.forEach((row, r) => {
        a.write(row, at, sub(a.read(row, at), mul(vs[r] ?? tau.get(), sum)));
      });
    });
  });
}
