import { checkOptions } from '../../tensor/check.ts';
import type { TensorLike } from '../../tensor/methods.ts';
import { checkStarts, SparsityPattern } from '../../tensor/sparsity-pattern.ts';
import { toFloat } from '../promote.ts';
import { checkExtents, collected, type Positions, positions } from './coo.ts';
import { checkSparse, type SparseMatrix } from './sparse-matrix.ts';

/** A sparse matrix in compressed rows, as SciPy's `csr_array` has it. */
export interface CompressedMatrix {
  /** Numbers of rows and columns. */
  readonly shape: readonly [rows: number, columns: number];
  /** Row i has the entries from `indptr[i]` up to `indptr[i + 1]`. */
  readonly indptr: Positions;
  /** Column of each entry. */
  readonly indices: Positions;
  /** Value of each entry. */
  readonly data: TensorLike;
}

/**
 * A sparse matrix from compressed rows, as in SciPy's `csr_array`, or from values for a pattern.
 * Columns that do not rise are sorted, entries at the same place added up. Differentiable in the values.
 *
 * Whatever is found out about a pattern, such as in which order to eliminate, is kept with it: where
 * only values change, make one pattern and use it again.
 *
 * @throws ShapeError when rows do not begin where the last one ended, or there is not a value for each
 * entry.
 */
export function csr(
  matrix: CompressedMatrix | { readonly pattern: SparsityPattern; readonly data: TensorLike },
): SparseMatrix {
  const name = 'sparse.csr';
  if (typeof matrix === 'object' && matrix !== null && 'pattern' in matrix) {
    checkOptions(name, matrix, ['pattern', 'data']);
    return checkSparse(name, 'the argument', {
      pattern: matrix.pattern,
      data: toFloat(matrix.data, name),
    });
  }
  checkOptions(name, matrix, ['shape', 'indptr', 'indices', 'data']);
  const { shape, indptr, indices } = matrix;
  const data = toFloat(matrix.data, name);
  checkExtents(name, shape);
  const starts = positions(name, 'indptr', indptr);
  const columns = positions(name, 'indices', indices);
  checkStarts(name, shape[0], starts, columns.length);
  if (isSorted(starts, columns)) {
    const pattern = new SparsityPattern({ shape, indptr: starts, indices: columns });
    return checkSparse(name, 'the argument', { data, pattern });
  }
  const rows = new Int32Array(columns.length);
  for (let i = 0; i + 1 < starts.length; i++) rows.fill(i, starts[i], starts[i + 1]);
  return collected(name, shape, rows, columns, data);
}

function isSorted(starts: Int32Array, columns: Int32Array): boolean {
  for (let i = 0; i + 1 < starts.length; i++) {
    for (let k = (starts[i] ?? 0) + 1; k < (starts[i + 1] ?? 0); k++) {
      if ((columns[k] ?? 0) <= (columns[k - 1] ?? 0)) return false;
    }
  }
  return true;
}
