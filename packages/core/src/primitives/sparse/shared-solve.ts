import type { Tensor } from '../../tensor/tensor.ts';
import { alignBatch } from '../elementwise.ts';
import { reshape } from '../reshape.ts';
import { transpose } from '../transpose.ts';

/**
 * A batch of solutions of `matrix` `[batch, size]` and right-hand sides `[batch, n, columns]`: by one
 * matrix with more columns where it is the same for the whole batch.
 */
export function batchedSolve(
  [matrix, b]: readonly [Tensor, Tensor],
  [ofMatrix, ofB]: readonly (boolean | undefined)[],
  solve: (matrix: Tensor, b: Tensor) => Tensor,
): Tensor {
  if (!ofMatrix) {
    const [size = 0, batch = 0, n = 0, columns = 0] = b.shape;
    const wide = reshape(transpose(b, { perm: [1, 2, 0, 3] }), {
      shape: [batch, n, size * columns],
    });
    const apart = reshape(solve(matrix, wide), { shape: [batch, n, size, columns] });
    return transpose(apart, { perm: [2, 0, 1, 3] });
  }
  const [matrices, all] = alignBatch([matrix, b], [true, ofB === true]);
  if (!matrices || !all) throw new Error('unreachable');
  const merged = (x: Tensor): Tensor => {
    const [size = 0, batch = 0, ...rest] = x.shape;
    return reshape(x, { shape: [size * batch, ...rest] });
  };
  return reshape(solve(merged(matrices), merged(all)), { shape: all.shape });
}
