import { dot as dotPrimitive } from '../primitives/dot.ts';
import type { TensorLike } from '../tensor/methods.ts';
import { broadcastShapes, formatShape, ShapeError, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { performOne } from '../trace/trace.ts';
import { promote } from './promote.ts';
import { broadcastTo, reshape } from './shape.ts';

/**
 * Matrix product: `[..., m, k]` by `[..., k, n]` is `[..., m, n]`; leading axes broadcast. A vector
 * counts as a row on the left and as a column on the right, and its axis vanishes from the result.
 */
export function matmul(x: TensorLike, y: TensorLike): Tensor {
  return product('matmul', x, y);
}

function product(name: string, x: TensorLike, y: TensorLike): Tensor {
  return performOne(dotPrimitive, promote(name, [x, y]), ofAnyRank, (a, b) =>
    productOf(name, a, b),
  );
}

/** Tells a product of vectors, matrices or batches from the bare primitive. */
const ofAnyRank = { ofAnyRank: true };

function productOf(name: string, a: Tensor, b: Tensor): Tensor {
  if (a.ndim === 0 || b.ndim === 0) {
    throw new ShapeError(
      `${name}: operands ${formatShape(a.shape)} and ${formatShape(b.shape)} need at least one axis; use mul for scalars.`,
    );
  }
  const left = a.ndim === 1 ? reshape(a, [1, ...a.shape]) : a;
  const right = b.ndim === 1 ? reshape(b, [...b.shape, 1]) : b;
  const [m = 0, k = 0] = left.shape.slice(-2);
  const [otherK = 0, n = 0] = right.shape.slice(-2);
  if (k !== otherK) {
    throw new ShapeError(
      `${name}: the inner extents ${k} and ${otherK} of ${formatShape(a.shape)} and ${formatShape(b.shape)} differ; transpose one of them?`,
    );
  }
  const lead = broadcastShapes(name, left.shape.slice(0, -2), right.shape.slice(0, -2));
  const batch = sizeOf(lead);
  const result = dotPrimitive(
    reshape(broadcastTo(left, [...lead, m, k]), [batch, m, k]),
    reshape(broadcastTo(right, [...lead, k, n]), [batch, k, n]),
  );
  return reshape(result, [...lead, ...(a.ndim === 1 ? [] : [m]), ...(b.ndim === 1 ? [] : [n])]);
}

/** Inner product of two vectors, or the matrix product where one operand is a matrix. */
export function dot(x: TensorLike, y: TensorLike): Tensor {
  return product('dot', x, y);
}
