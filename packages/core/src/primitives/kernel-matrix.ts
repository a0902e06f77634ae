/**
 * Parts of kernels that work on matrices in scratch memory, row by row. Their loops over columns are
 * independent, so that columns are the lanes of vectors.
 */
import {
  type Affine,
  affineAdd,
  affineConst,
  affineOf,
  affineZero,
  type Index,
} from '../kernel/affine.ts';
import type { Expr, Scalar } from '../kernel/expr.ts';
import { binary, compare, constant, indexValue, select, unary } from '../kernel/scalars.ts';
import { add, div, mul, neg, sub } from './kernel-pair.ts';
import type { MutableScalar, NestBuilder, Scratch } from './nest-builder.ts';

/** A matrix of one entry of a batch. */
export interface KernelMatrix {
  read(row: Affine, column: Affine): Expr;
  write(row: Affine, column: Affine, value: Expr): void;
}

/** A vector of one entry of a batch. */
export interface KernelVector {
  read(at: Affine): Expr;
  write(at: Affine, value: Expr): void;
}

export function matrixAt(scratch: Scratch, entry: Index): KernelMatrix {
  return {
    read: (row, column) => scratch.read([...entry, row, column]),
    write: (row, column, value) => scratch.write([...entry, row, column], value),
  };
}

export function vectorAt(scratch: Scratch, entry: Index): KernelVector {
  return {
    read: (at) => scratch.read([...entry, at]),
    write: (at, value) => scratch.write([...entry, at], value),
  };
}

/** One row of a matrix. */
export function rowOf({ read, write }: KernelMatrix, row: Affine): KernelVector {
  return { read: (at) => read(row, at), write: (at, value) => write(row, at, value) };
}

export const int = (value: number): Expr => constant('int32', value);
export const abs = (x: Expr): Expr => unary('abs', x);
const sqrt = (x: Expr): Expr => unary('sqrt', x);
export const minus = (i: Expr, by: number): Expr => sub(i, int(by));
/** The position that an int32 value stands for, moved by a number. */
export const place = (i: Expr, by = 0): Affine => affineAdd(affineOf(i), affineConst(by));

/** sqrt(x^2 + y^2) without overflow, and without underflow of what counts. */
export function hypot(x: Expr, y: Expr): Expr {
  const zero = constant(x.type, 0);
  const one = constant(x.type, 1);
  const large = binary('max', abs(x), abs(y));
  const small = binary('min', abs(x), abs(y));
  const empty = compare('eq', large, zero);
  const ratio = div(small, select(empty, one, large));
  return mul(large, sqrt(add(one, mul(ratio, ratio))));
}

/** Rows that are worked on together: what is read along with them is then read once for all. */
const rowsAtOnce = 4;

/** Calls `body` with groups of row numbers, `first` on, that are known when the kernel runs. */
export function rowGroups(
  k: NestBuilder,
  first: Expr,
  count: Expr,
  body: (rows: readonly Affine[]) => void,
): void {
  const groups = k.local('int32', div(count, int(rowsAtOnce)));
  times(k, groups.get(), (group) => {
    const from = add(first, mul(indexValue(group), int(rowsAtOnce)));
    const start = k.local('int32', from);
    body(Array.from({ length: rowsAtOnce }, (_, i) => place(start.get(), i)));
  });
  const done = k.local('int32', mul(groups.get(), int(rowsAtOnce)));
  times(k, sub(count, done.get()), (row) => {
    const start = k.local('int32', add(first, add(done.get(), indexValue(row))));
    body([place(start.get())]);
  });
}

/** So many iterations in order. */
export function times(k: NestBuilder, count: Expr, body: (number: Affine) => void): void {
  k.range(affineZero, place(count), body);
}

/** Independent iterations over positions from `first` on. */
export function eachFrom(
  k: NestBuilder,
  first: Expr,
  count: Expr,
  body: (at: Affine) => void,
): void {
  const from = place(first);
  k.range(from, affineAdd(from, place(count)), body, true);
}

/** The sum of products of two vectors over some positions. */
export function dotOf(
  k: NestBuilder,
  type: Scalar,
  x: KernelVector,
  y: KernelVector,
  first: Expr,
  count: Expr,
): MutableScalar {
  const sum = k.local(type, constant(type, 0));
  const from = place(first);
  k.range(from, affineAdd(from, place(count)), (at) =>
    sum.set(add(sum.get(), mul(x.read(at), y.read(at)))),
  );
  return sum;
}

/** A reflection I - tau v v' that takes a vector to `beta` times a unit vector. */
export interface Reflection {
  readonly beta: MutableScalar;
  readonly tau: MutableScalar;
}

/**
 * Makes the reflection of the elements of x from `first` on that leaves the one at `pivot`, and puts
 * v, whose element at the pivot is 1, in the place of x. Tau is 0 where the others are 0 already, or so
 * small beside a matrix of size 1 that their squares would have lost digits (Golub and Van Loan, Matrix Computations (2013), algorithm 5.1.1, with the sign that does not cancel).
 */
export function reflect(
  k: NestBuilder,
  type: Scalar,
  x: KernelVector,
  pivot: Expr,
  first: Expr,
  count: Expr,
): Reflection {
  const [zero, one] = [constant(type, 0), constant(type, 1)];
  const others = dotOf(k, type, x, x, first, count);
  const alpha = k.local(type, x.read(place(pivot)));
  const beta = k.local(type, alpha.get());
  const tau = k.local(type, zero);
  k.choose(
    compare('gt', others.get(), constant(type, type === 'float64' ? 2 ** -800 : 2 ** -100)),
    () => {
      const length = sqrt(add(mul(alpha.get(), alpha.get()), others.get()));
      beta.set(neg(binary('copysign', length, alpha.get())));
      tau.set(div(sub(beta.get(), alpha.get()), beta.get()));
      const scale = k.local(type, div(one, sub(alpha.get(), beta.get())));
      eachFrom(k, first, count, (at) => x.write(at, mul(x.read(at), scale.get())));
    },
  );
  x.write(place(pivot), one);
  return { beta, tau };
}
