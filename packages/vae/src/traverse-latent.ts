import { linspace, oneHot, type Tensor, type TensorLike, tensor } from '@grad/core';

/** Where to walk. */
export interface TraverseOptions {
  /** The coordinate of z that changes. */
  readonly axis: number;
  /** Values that it takes; 11 from -3 to 3 when left out. */
  readonly values?: TensorLike;
}

/**
 * What a decoder makes of points along one coordinate of the latent space.
 *
 * @param decode a function of z, `[steps, d]`
 * @param z the point to start from, `[d]`
 * @throws RangeError when z has no such coordinate.
 */
export function traverseLatent(
  decode: (z: Tensor) => Tensor,
  z: TensorLike,
  { axis, values = linspace(-3, 3, 11) }: TraverseOptions,
): Tensor {
  const start = tensor(z);
  const [width = 0] = start.shape;
  if (start.ndim !== 1 || !Number.isInteger(axis) || axis < 0 || axis >= width) {
    throw new RangeError(
      `traverseLatent: axis is ${axis}, z has shape [${start.shape.join(', ')}]; z must be one point, [d], and axis one of its coordinates from 0 on.`,
    );
  }
  const along = oneHot(tensor(axis, { dtype: 'int32' }), width).astype(start.dtype);
  const at = tensor(values).astype(start.dtype).expandDims(-1);
  return decode(start.mul(along.neg().add(1)).add(at.mul(along)));
}
