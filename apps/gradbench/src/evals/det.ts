import { arange, checkpoint, grad, jit, map, type Tensor, tensor, vmap } from '@grad/core';
import type { Input } from '../input.ts';
import { array, type Eval, evaluation, item } from '../task.ts';

/** Minors of up to so many columns are expanded as one batch, larger ones column by column. */
const batched = 6;

/**
 * The minor of A [n, n] of the last rows and of as many columns, expanded along its first row: the
 * alternating sum of that row's elements times the minors without its row and their column.
 */
function minor(A: Tensor, columns: Tensor): Tensor {
  const [size, n] = [columns.size, A.shape[0] ?? 0];
  const row = A.at(n - size).take(columns);
  if (size === 1) return row.at(0);
  const others = arange(size - 1);
  const without = (j: Tensor): Tensor => {
    const rest = others.add(others.ge(j).astype('int32'));
    return minor(A, columns.take(rest));
  };
  // There are n! products. A batch of them is computed again for the derivative, not kept.
  const each = size === batched + 1 ? checkpoint(without) : without;
  const minors = size <= batched ? vmap(without)(arange(size)) : map(each, arange(size));
  const signs = tensor(Array.from({ length: size }, (_, j) => 1 - 2 * (j % 2)));
  return row.mul(signs).dot(minors);
}

const determinant = (A: Tensor): Tensor => minor(A, arange(A.shape[0] ?? 0));

function read(input: Input): [Tensor] {
  const n = input.at('ell').count(1);
  const A = input.at('A').tensor([n * n]);
  return [A.reshape([n, n])];
}

/** A determinant by expansion in minors. */
export const det: Eval = {
  primal: evaluation(read, jit(determinant), item),
  gradient: evaluation(read, jit(grad(determinant)), (g) => array(g.reshape([-1]))),
};
