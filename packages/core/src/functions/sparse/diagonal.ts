import { take } from '../../primitives/take.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { withZero } from './add.ts';
import { listOf, listsOf } from './pattern-lists.ts';
import { checkSparse, type SparseMatrix } from './sparse-matrix.ts';

/** The elements on the main diagonal, zero where there is no entry. */
export function diagonal(matrix: SparseMatrix): Tensor {
  const { data, pattern } = checkSparse('sparse.diagonal', 'the argument', matrix);
  const lists = listsOf(pattern);
  const places = lists.once('diagonal list', () => listOf(lists.diagonal));
  return take(withZero(data), places, { batch: 0 });
}
