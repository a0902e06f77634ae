import type { TensorLike } from '../../tensor/methods.ts';
import { formatShape, ShapeError } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { mul } from '../elementwise.ts';
import { promote } from '../promote.ts';
import { expandDims, reshape } from '../shape.ts';
import { matrixLike } from './diagonal.ts';

/** All products of an element of x and one of y, vectors `[m]` and `[n]`: a matrix `[m, n]`. */
export function outer(x: TensorLike, y: TensorLike): Tensor {
  const [a, b] = promote('linalg.outer', [x, y]);
  if (!a || !b) throw new Error('unreachable');
  if (a.ndim !== 1 || b.ndim !== 1) {
    throw new ShapeError(
      `linalg.outer: takes vectors; got shapes ${formatShape(a.shape)} and ${formatShape(b.shape)}. Reshape them first.`,
    );
  }
  return mul(expandDims(a, 1), expandDims(b, 0));
}

/**
 * Kronecker products of matrices `[..., m, n]` and `[..., p, q]`: `[..., m p, n q]`, blocks of y times
 * the elements of x. Leading axes broadcast.
 */
export function kron(x: TensorLike, y: TensorLike): Tensor {
  const [a, b] = promote('linalg.kron', [x, y]).map((t) => matrixLike('linalg.kron', t));
  if (!a || !b) throw new Error('unreachable');
  const [m = 0, n = 0] = a.shape.slice(-2);
  const [p = 0, q = 0] = b.shape.slice(-2);
  const product = mul(expandDims(a, [-3, -1]), expandDims(b, [-4, -2]));
  return reshape(product, [...product.shape.slice(0, -4), m * p, n * q]);
}
