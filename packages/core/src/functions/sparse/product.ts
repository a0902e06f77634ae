import { reshape } from '../../primitives/reshape.ts';
import { rowSums } from '../../primitives/sparse/row-sums.ts';
import { take } from '../../primitives/take.ts';
import type { TensorLike } from '../../tensor/methods.ts';
import { formatShape, ShapeError } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { mul } from '../elementwise.ts';
import { listsOf } from './pattern-lists.ts';
import { checkRightSide, checkSparse, isSparse, type SparseMatrix } from './sparse-matrix.ts';
import { sparseProduct } from './sparse-product.ts';

/**
 * The product of a sparse matrix and a vector.
 *
 * @throws ShapeError when the vector has not as many elements as the matrix has columns.
 */
export function matvec(matrix: SparseMatrix, x: TensorLike): Tensor {
  const own = checkSparse('sparse.matvec', 'the first argument', matrix);
  const vector = checkRightSide('sparse.matvec', x, own.pattern.shape[1], own);
  if (vector.ndim === 1) return product(own, vector);
  throw new ShapeError(
    `sparse.matvec: the second argument is a vector; its shape is ${formatShape(vector.shape)}. For a matrix use sparse.matmul.`,
  );
}

/**
 * The product of a sparse matrix with a dense matrix or vector, which is dense, or with a sparse
 * matrix, which is sparse: with an entry wherever one could differ from zero.
 *
 * @throws ShapeError when the inner extents differ.
 */
export function matmul(a: SparseMatrix, b: SparseMatrix): SparseMatrix;
export function matmul(a: SparseMatrix, b: TensorLike): Tensor;
export function matmul(a: SparseMatrix, b: SparseMatrix | TensorLike): SparseMatrix | Tensor {
  const name = 'sparse.matmul';
  const own = checkSparse(name, 'the first argument', a);
  if (isSparse(b)) return sparseProduct(own, checkSparse(name, 'the second argument', b));
  return product(own, checkRightSide(name, b, own.pattern.shape[1], own));
}

/** The product with a vector `[n]` or a matrix `[n, k]`. */
export function product({ data, pattern }: SparseMatrix, x: Tensor): Tensor {
  const { bounds, rows, columns } = listsOf(pattern).tensors;
  const values = x.ndim === 1 ? data : reshape(data, { shape: [pattern.nnz, 1] });
  return rowSums(mul(values, take(x, columns, { batch: 0 })), bounds, rows, { batch: 0 });
}
