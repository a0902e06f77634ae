import { neg } from '../../primitives/arithmetic.ts';
import { type CallablePrimitive, definePrimitive } from '../../primitives/define.ts';
import { dot } from '../../primitives/dot.ts';
import { forLaws, type Laws } from '../../primitives/for-laws.ts';
import { overBatches, squareExtents } from '../../primitives/matrices.ts';
import { identities } from '../../primitives/triangle.ts';
import type { TensorLike } from '../../tensor/methods.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { tensorType } from '../../tensor/type.ts';
import { linearSolve } from './linear-solve.ts';
import { squareOf, unflattened } from './matrices.ts';

interface InverseParams {
  /** The function that messages name. */
  readonly operation: string;
}

/** Inverses X of a batch of matrices; the tangent is -X dA X. */
export const inverse: CallablePrimitive<1, InverseParams> = definePrimitive({
  name: 'inverse',
  arity: 1,
  type: ([a], _: InverseParams) => {
    squareExtents('inverse', a);
    return tensorType(a.dtype, a.shape);
  },
  decompose: ([a], { operation }) =>
    linearSolve(a, identities(tensorType(a.dtype, a.shape)), { transposed: false, operation }),
  linearize: ([a], params) => {
    const x = inverse(a, params);
    return [x, (da) => dot(dot(neg(x), da), x)];
  },
  idle: ['identity'],
  vmap: ([a], _, params) => overBatches([a], ([x = a]) => inverse(x, params)),
});

/** What the laws hold `inverse` to. */
export const inverseLaws: Laws = forLaws<1, InverseParams>(inverse, {
  samples: () =>
    [
      { title: 'a matrix', shape: [1, 3, 3] },
      { title: 'one element', shape: [1, 1, 1] },
      { title: 'no rows', shape: [1, 0, 0] },
      { title: 'a batch', shape: [2, 3, 3] },
    ].map(({ title, shape }) => ({
      title,
      operands: [{ shape, regular: true }],
      params: { operation: 'inverse' },
    })),
});

/**
 * Inverses of square matrices `[..., n, n]`, by LU factors. To apply an inverse, `solve` is faster and
 * more accurate.
 *
 * @throws ShapeError when the last two axes differ.
 * @throws MatrixError when a matrix is exactly singular.
 */
export function inv(a: TensorLike): Tensor {
  const { x, lead } = squareOf('linalg.inv', a);
  return unflattened(inverse(x, { operation: 'linalg.inv' }), lead);
}
