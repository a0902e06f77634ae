import { random, type Tensor, type Traced, tree } from '@grad/core';
import { rowCount, takeRows } from './minibatches.ts';

/** How to set data aside. */
export interface SplitOptions {
  /** Which part of the rows is set aside, between 0 and 1. */
  readonly validation: number;
  /** Shuffles the rows first. Without one, the last rows are set aside. */
  readonly key?: Tensor;
}

/** Data to fit to, and data to judge by. */
export interface Split<X> {
  readonly train: X;
  readonly validation: X;
}

/**
 * Divides the rows of a tensor, or of a tree of tensors whose first axes have one length, into two
 * parts. Each keeps at least one row.
 *
 * @throws ShapeError when the first axes differ.
 * @throws RangeError when the part is not between 0 and 1, or there is only one row.
 */
export function splitRows<const X>(data: X, { validation, key }: SplitOptions): Split<Traced<X>> {
  const [leaves, structure] = tree.flatten(data);
  const rows = rowCount('splitRows', leaves);
  if (!(validation > 0 && validation < 1) || rows < 2) {
    throw new RangeError(
      `splitRows: validation must be between 0 and 1, of at least 2 rows; it is ${validation} of ${rows}.`,
    );
  }
  const aside = Math.min(Math.max(Math.round(validation * rows), 1), rows - 1);
  const order = key
    ? Int32Array.from(random.permutation(key, rows).dataSync())
    : Int32Array.from({ length: rows }, (_, i) => i);
  const part = (from: number, to: number): Traced<X> =>
    tree.unflatten<Traced<X>>(
      structure,
      leaves.map((leaf) => takeRows(leaf, order.subarray(from, to))),
    );
  return { train: part(0, rows - aside), validation: part(rows - aside, rows) };
}
