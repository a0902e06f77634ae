import type { TensorLike } from '../../tensor/methods.ts';
import { formatShape, ShapeError } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { toFloat } from '../promote.ts';
import { asTensor } from '../tensor.ts';

/** Refuses what has too few axes for a matrix. */
export function checkMatrix(name: string, x: Tensor, what: string): void {
  if (x.ndim >= 2) return;
  throw new ShapeError(
    `${name}: ${what} has shape ${formatShape(x.shape)}; a matrix has two axes at least.`,
  );
}

/** An argument that is a matrix, or a batch of them; integers become float64. */
export function matrixArgument(name: string, given: TensorLike): Tensor {
  const x = toFloat(asTensor(given, name), name);
  checkMatrix(name, x, 'the argument');
  return x;
}

/** The same, of square matrices. */
export function squareArgument(name: string, given: TensorLike): Tensor {
  const x = matrixArgument(name, given);
  if (x.shape.at(-1) === x.shape.at(-2)) return x;
  throw new ShapeError(
    `${name}: the argument has shape ${formatShape(x.shape)}; its last two axes must be equal. For other matrices there is svd.`,
  );
}
