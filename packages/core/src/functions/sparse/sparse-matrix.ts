import { ofAnotherCopy } from '../../tensor/another-copy.ts';
import { checkFinite, describeValue } from '../../tensor/check.ts';
import { isFloat } from '../../tensor/dtype.ts';
import type { TensorLike } from '../../tensor/methods.ts';
import { DTypeError, formatShape, ShapeError } from '../../tensor/shape.ts';
import { SparsityPattern } from '../../tensor/sparsity-pattern.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { toFloat } from '../promote.ts';
import { convert } from '../tensor.ts';

/**
 * A sparse matrix: where its entries are, which is fixed, and their values, row by row, which are a
 * tensor like any other. It is a tree: derivatives, batches and compiled functions take it apart into
 * its values and pass the pattern through. What `sparseJacobian` gives is one.
 */
export interface SparseMatrix {
  /** Values of the entries, row by row: shape `[nnz]`. */
  readonly data: Tensor;
  /** Where the entries are. */
  readonly pattern: SparsityPattern;
}

/** Whether a value is a sparse matrix. */
export function isSparse(value: unknown): value is SparseMatrix {
  return (
    typeof value === 'object' &&
    value !== null &&
    'data' in value &&
    'pattern' in value &&
    value.pattern instanceof SparsityPattern
  );
}

/** What a value is that is no sparse matrix. */
function described(value: unknown): string {
  const pattern: unknown =
    typeof value === 'object' && value !== null && 'pattern' in value ? value.pattern : undefined;
  const foreign = ofAnotherCopy(pattern);
  return foreign === undefined ? `it is ${describeValue(value)}` : `its pattern is ${foreign}`;
}

/** A sparse matrix of floats, as an argument of a function. */
export function checkSparse(name: string, what: string, value: unknown): SparseMatrix {
  if (!isSparse(value)) {
    throw new TypeError(
      `${name}: ${what} is a sparse matrix, {data, pattern}; ${described(value)}. Make one with sparse.csr, sparse.coo or sparse.fromDense.`,
    );
  }
  const { pattern } = value;
  const data = convert(name, `data of ${what}`, value.data);
  if (!isFloat(data.dtype)) {
    throw new DTypeError(`${name}: values of ${what} are ${data.dtype}; floats are needed.`);
  }
  if (data.ndim !== 1 || data.size !== pattern.nnz) {
    throw new ShapeError(
      `${name}: the pattern of ${what} has ${pattern.nnz} entries; its data is of shape ${formatShape(data.shape)}. For a batch of matrices use vmap.`,
    );
  }
  return { data, pattern };
}

/** The same for a square matrix. */
export function checkSquare(name: string, what: string, value: unknown): SparseMatrix {
  const matrix = checkSparse(name, what, value);
  const [rows, columns] = matrix.pattern.shape;
  if (rows === columns) return matrix;
  throw new ShapeError(
    `${name}: ${what} must be square; it has ${rows} rows and ${columns} columns.`,
  );
}

/** A vector, or a matrix of columns, with as many rows as a matrix needs, in its dtype. */
export function checkRightSide(
  name: string,
  value: TensorLike,
  rows: number,
  { data }: SparseMatrix,
): Tensor {
  const b = toFloat(value, name);
  if ((b.ndim !== 1 && b.ndim !== 2) || b.shape[0] !== rows) {
    throw new ShapeError(
      `${name}: a vector [${rows}] or a matrix [${rows}, k] is needed; got ${formatShape(b.shape)}.`,
    );
  }
  if (b.dtype !== data.dtype) {
    throw new DTypeError(
      `${name}: the matrix is ${data.dtype} and the other operand ${b.dtype}. Convert one of them with astype.`,
    );
  }
  return b;
}

/** A number of an option that must be positive. */
export function checkPositive(name: string, what: string, value: unknown): void {
  checkFinite(name, what, value);
  if (typeof value === 'number' && value > 0) return;
  throw new RangeError(`${name}: ${what} must be positive; it is ${String(value)}.`);
}
