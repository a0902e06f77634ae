import { zeros } from '../../primitives/create.ts';
import { reshape } from '../../primitives/reshape.ts';
import { scatterAdd, take } from '../../primitives/take.ts';
import { checkOptions } from '../../tensor/check.ts';
import type { TensorLike } from '../../tensor/methods.ts';
import { formatShape, ShapeError } from '../../tensor/shape.ts';
import {
  type CompressedRows,
  patternFrom,
  SparsityPattern,
} from '../../tensor/sparsity-pattern.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { tensorType } from '../../tensor/type.ts';
import { isConcrete } from '../../trace/trace.ts';
import { toFloat } from '../promote.ts';
import { listOf, listsOf, type PatternLists } from './pattern-lists.ts';
import { checkSparse, type SparseMatrix } from './sparse-matrix.ts';

/** Options of `fromDense`. */
export interface FromDenseOptions {
  /** Which elements are entries; those that are not zero when left out. */
  readonly pattern?: CompressedRows;
}

/** Where each entry is in the dense matrix, counted row by row. */
function places({ pattern, rows }: PatternLists): Tensor {
  const columns = pattern.shape[1];
  const find = (): Tensor =>
    listOf(Int32Array.from(rows, (row, e) => row * columns + (pattern.indices[e] ?? 0)));
  return listsOf(pattern).once('places', find);
}

/**
 * The entries of a dense matrix that are not zero, or those of a pattern, as a sparse matrix.
 *
 * @throws TypeError where there are no values yet, as under `jit`, and no pattern is given.
 */
export function fromDense(x: TensorLike, options: FromDenseOptions = {}): SparseMatrix {
  const name = 'sparse.fromDense';
  checkOptions(name, options, ['pattern']);
  const made = toFloat(x, name);
  const [rows, columns, ...more] = made.shape;
  if (rows === undefined || columns === undefined || more.length > 0) {
    throw new ShapeError(`${name}: a matrix is needed; got shape ${formatShape(made.shape)}.`);
  }
  const pattern = options.pattern
    ? patternFrom(name, options.pattern)
    : nonzeroPattern(name, made, [rows, columns]);
  if (pattern.shape[0] !== rows || pattern.shape[1] !== columns) {
    throw new ShapeError(
      `${name}: the pattern is of shape ${formatShape(pattern.shape)}, the matrix of ${formatShape(made.shape)}.`,
    );
  }
  const flat = reshape(made, { shape: [rows * columns] });
  return { data: take(flat, places(listsOf(pattern)), { batch: 0 }), pattern };
}

function nonzeroPattern(
  name: string,
  x: Tensor,
  shape: readonly [number, number],
): SparsityPattern {
  if (!isConcrete(x)) {
    throw new TypeError(
      `${name}: which elements are zero is not known while a function is recorded; give the pattern.`,
    );
  }
  const data = x.dataSync();
  const indptr = [0];
  const indices: number[] = [];
  for (let i = 0; i < shape[0]; i++) {
    for (let j = 0; j < shape[1]; j++) if (data[i * shape[1] + j] !== 0) indices.push(j);
    indptr.push(indices.length);
  }
  return new SparsityPattern({ shape, indptr, indices });
}

/** A sparse matrix with all its zeros: shape `[rows, columns]`. */
export function toDense(matrix: SparseMatrix): Tensor {
  const { data, pattern } = checkSparse('sparse.toDense', 'the argument', matrix);
  const [rows, columns] = pattern.shape;
  const zero = zeros(tensorType(data.dtype, [rows * columns]));
  const flat = scatterAdd(zero, places(listsOf(pattern)), data, { batch: 0 });
  return reshape(flat, { shape: [rows, columns] });
}
