import { add } from '../../primitives/arithmetic.ts';
import { bothFactors, luFactor, rowOrder } from '../../primitives/lu-factor.ts';
import { identities, lowerTriangle, upperTriangle } from '../../primitives/triangle.ts';
import type { TensorLike } from '../../tensor/methods.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { tensorType } from '../../tensor/type.ts';
import { squareOf, unflattened } from './matrices.ts';

/** L U is the matrix with its rows in the order of the permutation. */
export interface LuFactors {
  /** int32 `[..., n]`: row i of L U is row `permutation[i]` of the matrix. */
  readonly permutation: Tensor;
  /** Lower triangular with ones on the diagonal, and nothing larger below. */
  readonly l: Tensor;
  /** Upper triangular. */
  readonly u: Tensor;
}

/**
 * LU factors of square matrices `[..., n, n]` with row exchanges. A singular matrix has such factors
 * too, with a zero on the diagonal of U; derivatives need a regular one.
 *
 * @throws ShapeError when the last two axes differ.
 * @throws MatrixError when a derivative is asked for and a matrix is exactly singular.
 */
export function lu(a: TensorLike): LuFactors {
  const { x, lead } = squareOf('linalg.lu', a);
  const factors = luFactor(x, { complete: false });
  const both = bothFactors(factors);
  const ones = identities(tensorType(x.dtype, x.shape));
  return {
    permutation: unflattened(rowOrder(factors), lead),
    l: unflattened(add(lowerTriangle(both, -1), ones), lead),
    u: unflattened(upperTriangle(both), lead),
  };
}
