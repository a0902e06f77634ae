import { dot } from '../../primitives/dot.ts';
import { identities } from '../../primitives/triangle.ts';
import { checkWhole } from '../../tensor/check.ts';
import type { TensorLike } from '../../tensor/methods.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { tensorType } from '../../tensor/type.ts';
import { inverse } from './inverse.ts';
import { squareOf, unflattened } from './matrices.ts';

/**
 * Whole powers of square matrices `[..., n, n]`, by squaring; a negative power is that of the inverse.
 *
 * @throws ShapeError when the last two axes differ; RangeError when the power is no whole number.
 * @throws MatrixError when the power is negative and a matrix is exactly singular.
 */
export function matrixPower(a: TensorLike, power: number): Tensor {
  const name = 'linalg.matrixPower';
  const { x, lead } = squareOf(name, a);
  checkWhole(name, 'the power', power);
  let square = power < 0 ? inverse(x, { operation: name }) : x;
  let result: Tensor | undefined;
  for (let left = Math.abs(power); left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = result ? dot(result, square) : square;
    if (left > 1) square = dot(square, square);
  }
  return unflattened(result ?? identities(tensorType(x.dtype, x.shape)), lead);
}
