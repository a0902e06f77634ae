import { take } from '../../primitives/take.ts';
import { listOf, listsOf } from './pattern-lists.ts';
import { checkSparse, type SparseMatrix } from './sparse-matrix.ts';

/** The transposed matrix: the same values in another order. */
export function transpose(matrix: SparseMatrix): SparseMatrix {
  const { data, pattern } = checkSparse('sparse.transpose', 'the argument', matrix);
  const lists = listsOf(pattern);
  const { pattern: transposed, source } = lists.transposed;
  const order = lists.once('transposed order', () => listOf(source));
  return { data: take(data, order, { batch: 0 }), pattern: transposed };
}
