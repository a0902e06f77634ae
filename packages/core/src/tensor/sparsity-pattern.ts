import { mark, markOf } from './another-copy.ts';
import { checkList, checkWhole, describeValue } from './check.ts';
import { ShapeError } from './shape.ts';

/** What a `SparsityPattern` is made from: compressed sparse rows, as in SciPy's `csr_array`. */
export interface CompressedRows {
  /** Numbers of rows and columns. */
  readonly shape: readonly [rows: number, columns: number];
  /** Row i has the entries from `indptr[i]` up to `indptr[i + 1]`. */
  readonly indptr: Int32Array | readonly number[];
  /** Column of each entry, rising in each row. */
  readonly indices: Int32Array | readonly number[];
}

const own = markOf('a sparsity pattern');

/**
 * Where a sparse matrix has entries: compressed sparse rows without their values. Transforms pass it
 * through untouched. It must not be changed.
 *
 * @throws ShapeError when rows do not begin where the last one ended, or columns do not rise inside
 * the matrix.
 */
export class SparsityPattern implements CompressedRows {
  /** Numbers of rows and columns. */
  readonly shape: readonly [rows: number, columns: number];
  /** Row i has the entries from `indptr[i]` up to `indptr[i + 1]`. */
  readonly indptr: Int32Array;
  /** Column of each entry, rising in each row. */
  readonly indices: Int32Array;

  /** @internal See `another-copy.ts`. */
  get [mark](): object {
    return own;
  }

  constructor({ shape, indptr, indices }: CompressedRows) {
    checkList('SparsityPattern', 'the shape', shape);
    const [rows, columns] = shape;
    checkWhole('SparsityPattern', 'the number of rows', rows, 0);
    checkWhole('SparsityPattern', 'the number of columns', columns, 0);
    this.shape = [rows, columns];
    this.indptr = Int32Array.from(indptr);
    this.indices = Int32Array.from(indices);
    checkRows(this);
  }

  /** Number of entries. */
  get nnz(): number {
    return this.indices.length;
  }
}

/** Refuses an `indptr` that does not share out all entries among the rows. */
export function checkStarts(name: string, rows: number, indptr: Int32Array, entries: number): void {
  if (indptr.length !== rows + 1 || indptr[0] !== 0 || indptr[rows] !== entries) {
    throw new ShapeError(
      `${name}: indptr of ${rows} rows has ${rows + 1} elements, from 0 to the ${entries} of indices; it has ${indptr.length}, from ${indptr[0]} to ${indptr[indptr.length - 1]}.`,
    );
  }
  const falls = indptr.findIndex((from, row) => from > (indptr[row + 1] ?? from));
  if (falls < 0) return;
  throw new ShapeError(
    `${name}: indptr falls from ${indptr[falls]} to ${indptr[falls + 1]} after row ${falls}.`,
  );
}

function checkRows({ shape: [rows, columns], indptr, indices }: SparsityPattern): void {
  const wrong = (what: string): never => {
    throw new ShapeError(`SparsityPattern: ${what}.`);
  };
  checkStarts('SparsityPattern', rows, indptr, indices.length);
  for (let row = 0; row < rows; row++) {
    const from = indptr[row] ?? 0;
    const to = indptr[row + 1] ?? 0;
    for (let k = from; k < to; k++) {
      const column = indices[k] ?? -1;
      if (column < 0 || column >= columns) {
        wrong(`row ${row} has an entry in column ${column}; there are ${columns}`);
      }
      if (k > from && column <= (indices[k - 1] ?? 0)) {
        wrong(`columns rise in each row; in row ${row}, ${column} follows ${indices[k - 1]}`);
      }
    }
  }
}

/** A pattern as the caller gave it. */
export function patternFrom(name: string, given: CompressedRows): SparsityPattern {
  if (given instanceof SparsityPattern) return given;
  if (typeof given === 'object' && given !== null && Array.isArray(given.shape)) {
    return new SparsityPattern(given);
  }
  throw new TypeError(
    `${name}: pattern is a SparsityPattern, or {shape, indptr, indices}; it is ${describeValue(given)}.`,
  );
}

/** The rows of a sparse matrix, each with the columns of its entries. */
export interface Rows {
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
}

/** The columns of a sparse matrix, each with the rows of its entries. */
export function transposedRows({ indptr, indices }: Rows, columns: number): Rows {
  const starts = new Int32Array(columns + 1);
  for (let k = 0; k < indices.length; k++) {
    const column = indices[k] ?? 0;
    starts[column + 1] = (starts[column + 1] ?? 0) + 1;
  }
  for (let c = 0; c < columns; c++) starts[c + 1] = (starts[c + 1] ?? 0) + (starts[c] ?? 0);
  const next = starts.slice();
  const rows = new Int32Array(indices.length);
  for (let row = 0; row + 1 < indptr.length; row++) {
    const to = indptr[row + 1] ?? 0;
    for (let k = indptr[row] ?? 0; k < to; k++) {
      const column = indices[k] ?? 0;
      const at = next[column] ?? 0;
      rows[at] = row;
      next[column] = at + 1;
    }
  }
  return { indptr: starts, indices: rows };
}

/** Entries of the longest row. */
export function longestRow({ indptr }: Rows): number {
  let longest = 0;
  for (let row = 0; row + 1 < indptr.length; row++) {
    longest = Math.max(longest, (indptr[row + 1] ?? 0) - (indptr[row] ?? 0));
  }
  return longest;
}
