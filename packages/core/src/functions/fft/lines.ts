import { concatenate } from '../../primitives/concatenate.ts';
import { zeros } from '../../primitives/create.ts';
import { slice } from '../../primitives/slice.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { tensorType } from '../../tensor/type.ts';

/** `count` elements along an axis from one on, in steps. */
export function along(x: Tensor, axis: number, from: number, count: number, step = 1): Tensor {
  const only = <T>(rest: T, own: T): T[] => x.shape.map((_, i) => (i === axis ? own : rest));
  return slice(x, {
    start: only(0, count === 0 ? 0 : from),
    extents: x.shape.with(axis, count),
    step: only(1, step),
  });
}

/** Tensors joined along an axis. */
export function joined(axis: number, ...parts: readonly Tensor[]): Tensor {
  return concatenate(parts, { axis });
}

/** x cut to `count` elements along an axis, or filled up with zeros. */
export function resized(x: Tensor, axis: number, count: number): Tensor {
  const extent = x.shape[axis] ?? 0;
  if (count === extent) return x;
  if (count < extent) return along(x, axis, 0, count);
  const padding = zeros(tensorType(x.dtype, x.shape.with(axis, count - extent)));
  return joined(axis, x, padding);
}
