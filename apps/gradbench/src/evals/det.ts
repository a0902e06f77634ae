import { arange, checkpoint, grad, jit, map, type Tensor, tensor, vmap } from '@grad/core';
import type { Input } from '../input.ts';
import { type Eval, task } from '../task.ts';

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
const primal = jit(determinant);
const gradient = jit(grad(determinant));

function read(input: Input): Tensor {
  const n = input.at('ell').count(1);
  return input
    .at('A')
    .tensor([n * n])
    .reshape([n, n]);
}

/** A determinant by expansion in minors. */
export const det: Eval = {
  primal: (input) => {
    const A = read(input);
    return task(
      () => primal(A),
      (y) => y.item(),
    );
  },
  gradient: (input) => {
    const A = read(input);
    return task(
      () => gradient(A),
      (g) => g.reshape([-1]).toArray(),
    );
  },
};
