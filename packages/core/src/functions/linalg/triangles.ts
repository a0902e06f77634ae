import { lowerTriangle, upperTriangle } from '../../primitives/triangle.ts';
import type { TensorLike } from '../../tensor/methods.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { matrixLike, type OffsetOption, offsetOf } from './diagonal.ts';

/** Matrices `[..., m, n]` with zeros above a diagonal, the main one unless said otherwise. */
export function tril(x: TensorLike, options: OffsetOption = {}): Tensor {
  const offset = offsetOf('linalg.tril', options);
  return lowerTriangle(matrixLike('linalg.tril', x), offset);
}

/** Matrices `[..., m, n]` with zeros below a diagonal, the main one unless said otherwise. */
export function triu(x: TensorLike, options: OffsetOption = {}): Tensor {
  const offset = offsetOf('linalg.triu', options);
  return upperTriangle(matrixLike('linalg.triu', x), offset);
}
