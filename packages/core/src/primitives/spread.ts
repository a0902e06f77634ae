import { type Shape, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { broadcast } from './broadcast.ts';
import { reduceSum } from './reduce.ts';

/** Each element becomes the sum of those along its axes: what depends on all of them. */
export function spreadAlong(x: Tensor, axes: readonly number[]): Tensor {
  const { shape } = x;
  if (sizeOf(shape) === 0) return x;
  const rest = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  return broadcast(reduceSum(x, { axes }), { shape, axes: rest });
}

/** The sum over `count` axes from `axis` on, repeated over the axes `extents` in their place. */
export function spreadOver(x: Tensor, axis: number, count: number, extents: Shape): Tensor {
  const axes = Array.from({ length: count }, (_, i) => axis + i);
  const sums = reduceSum(x, { axes });
  return broadcast(sums, {
    shape: sums.shape.toSpliced(axis, 0, ...extents),
    axes: sums.shape.map((_, i) => (i < axis ? i : i + extents.length)),
  });
}
