import type { Affine, Index } from '../kernel/affine.ts';
import type { Expr, Loop, Scalar } from '../kernel/expr.ts';
import type { Combine, Statement, SumOrder } from '../kernel/statement.ts';
import type { DType } from '../tensor/dtype.ts';

/** Builds the statements of a `nest`. */
export interface NestBuilder {
  /** A parallel loop over the elements of a shape. */
  forEach(shape: readonly number[], body: (index: Index) => void): void;
  /** A loop in row-major order whose iterations may write to the same place. */
  forEachInOrder(shape: readonly number[], body: (index: Index) => void): void;
  /** A loop in order, whose iterations may depend on each other. */
  sequential(extent: number, body: (loop: Loop) => void): void;
  /**
   * A loop in order over the positions from one up to, but without, another, which may depend on the
   * loops around it. With `independent` the order does not matter. `about` is how many there are on the
   * average, where that is known.
   */
  range(
    from: Affine,
    to: Affine,
    body: (position: Affine) => void,
    independent?: boolean,
    about?: number,
  ): void;
  /** The combination of `value` over the elements of a shape. */
  reduce(
    combine: Combine,
    shape: readonly number[],
    value: (index: Index) => Expr,
    order?: SumOrder,
  ): Expr;
  /** Writes an element of a result. */
  write(result: number, index: Index, value: Expr): void;
  /** Reads an element of a result that was written (or taken over in place) before. */
  readResult(result: number, index: Index): Expr;
  /** Runs `body` again and again while `condition`, a bool, holds before it. */
  repeatWhile(condition: () => Expr, body: () => void): void;
  /** Runs one of two parts, by a bool. */
  choose(condition: Expr, then: () => void, otherwise?: () => void): void;
  /** A mutable scalar. */
  local(type: Scalar, initial: Expr): MutableScalar;
  /** Memory for the time that the kernel runs; what it holds at the start is not known. */
  scratch(dtype: DType, shape: readonly number[]): Scratch;
  /** Appends a statement as it is. */
  emit(statement: Statement): void;
}

/** Elements in row-major order that a kernel writes and reads. */
export interface Scratch {
  /** An element as it is at this point. */
  read(index: Index): Expr;
  /** Gives an element a value from here on. */
  write(index: Index, value: Expr): void;
}

/** A scalar of a kernel that changes while it runs. */
export interface MutableScalar {
  /** Its value at this point. */
  get(): Expr;
  /** Gives it a value from here on. */
  set(value: Expr): void;
}
