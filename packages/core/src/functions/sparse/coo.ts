import { rowSums } from '../../primitives/sparse/row-sums.ts';
import { take } from '../../primitives/take.ts';
import { checkList, checkOptions, checkWhole, describeValue } from '../../tensor/check.ts';
import type { TensorLike } from '../../tensor/methods.ts';
import { formatShape, ShapeError } from '../../tensor/shape.ts';
import { SparsityPattern } from '../../tensor/sparsity-pattern.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { toFloat } from '../promote.ts';
import { listOf, listsOf } from './pattern-lists.ts';
import type { SparseMatrix } from './sparse-matrix.ts';

/** Whole numbers that are known when a function is recorded. */
export type Positions = Int32Array | readonly number[];

/** Entries of a sparse matrix in any order. */
export interface Coordinates {
  /** Numbers of rows and columns. */
  readonly shape: readonly [rows: number, columns: number];
  /** Row of each entry. */
  readonly rows: Positions;
  /** Column of each entry. */
  readonly columns: Positions;
  /** Value of each entry. */
  readonly data: TensorLike;
}

/**
 * A sparse matrix from its entries in any order; entries at the same place are added up. Differentiable
 * in the values. The positions are fixed: plain arrays of whole numbers.
 *
 * @throws ShapeError when there are not as many rows, columns and values.
 * @throws RangeError when a position lies outside the matrix.
 */
export function coo(entries: Coordinates): SparseMatrix {
  checkOptions('sparse.coo', entries, ['shape', 'rows', 'columns', 'data']);
  const { shape, rows, columns } = entries;
  checkExtents('sparse.coo', shape);
  const data = toFloat(entries.data, 'sparse.coo');
  return collected(
    'sparse.coo',
    shape,
    positions('sparse.coo', 'rows', rows),
    positions('sparse.coo', 'columns', columns),
    data,
  );
}

/** Refuses what is no shape of a matrix. */
export function checkExtents(name: string, shape: readonly number[]): void {
  checkList(name, 'the shape', shape);
  checkWhole(name, 'the number of rows', shape[0], 0);
  checkWhole(name, 'the number of columns', shape[1], 0);
}

/** Whole numbers that say where entries are. */
export function positions(name: string, what: string, given: unknown): Int32Array {
  if (given instanceof Int32Array) return given;
  if (!Array.isArray(given)) {
    throw new TypeError(
      `${name}: ${what} is an array of whole numbers, which are fixed; it is ${describeValue(given)}.`,
    );
  }
  for (const number of given) checkWhole(name, `a number of ${what}`, number, 0);
  return Int32Array.from(given);
}

/** Entries sorted by rows and columns, those at one place added up. */
export function collected(
  name: string,
  shape: readonly [number, number],
  rows: Int32Array,
  columns: Int32Array,
  data: Tensor,
): SparseMatrix {
  const count = rows.length;
  if (columns.length !== count || data.ndim !== 1 || data.size !== count) {
    throw new ShapeError(
      `${name}: there are ${count} rows, ${columns.length} columns, and values of shape ${formatShape(data.shape)}; one of each is needed for each entry.`,
    );
  }
  rows.forEach((row, e) => {
    const column = columns[e] ?? 0;
    if (row >= 0 && row < shape[0] && column >= 0 && column < shape[1]) return;
    throw new RangeError(
      `${name}: entry ${e} is in row ${row} and column ${column}; the matrix is of shape [${shape[0]}, ${shape[1]}].`,
    );
  });
  const order = Int32Array.from(rows, (_, e) => e);
  order.sort(
    (a, b) => (rows[a] ?? 0) - (rows[b] ?? 0) || (columns[a] ?? 0) - (columns[b] ?? 0) || a - b,
  );
  const indptr = new Int32Array(shape[0] + 1);
  const indices: number[] = [];
  const starts: number[] = [];
  let last = -1;
  order.forEach((e, at) => {
    const [row, column] = [rows[e] ?? 0, columns[e] ?? 0];
    if (row === last && indices.at(-1) === column) return;
    last = row;
    indices.push(column);
    starts.push(at);
    indptr[row + 1] = indices.length;
  });
  for (let i = 0; i < shape[0]; i++) {
    indptr[i + 1] = Math.max(indptr[i + 1] ?? 0, indptr[i] ?? 0);
  }
  const pattern = new SparsityPattern({ shape, indptr, indices });
  const sorted = order.every((e, at) => e === at) ? data : take(data, listOf(order), { batch: 0 });
  if (indices.length === count) return { data: sorted, pattern };
  const bounds = Int32Array.from([...starts, count]);
  const runs = new SparsityPattern({
    shape: [indices.length, count],
    indptr: bounds,
    indices: Int32Array.from(order, (_, at) => at),
  });
  const { tensors } = listsOf(runs);
  return { data: rowSums(sorted, tensors.bounds, tensors.rows, { batch: 0 }), pattern };
}
