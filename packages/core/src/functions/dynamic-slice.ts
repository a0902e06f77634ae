import * as primitives from '../primitives/dynamic-slice.ts';
import type { TensorLike } from '../tensor/methods.ts';
import { checkShape, formatShape, type Shape, ShapeError } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { toIndex } from './index-by-tensor.ts';
import { promote } from './promote.ts';
import { stack } from './shape.ts';
import { asTensor, tensor } from './tensor.ts';

/** Where a slice begins: one position for each axis, as an int32 vector or a list of scalars. */
export type SliceStart = TensorLike | readonly TensorLike[];

function startOf(name: string, start: SliceStart, x: Tensor): Tensor {
  const positions = isList(start) ? listOf(name, start) : toIndex(name, start);
  if (positions.ndim !== 1 || positions.shape[0] !== x.ndim) {
    throw new ShapeError(
      `${name}: shape ${formatShape(x.shape)} needs a start with one position for each of its ${x.ndim} axes; got shape ${formatShape(positions.shape)}.`,
    );
  }
  return positions;
}

function isList(start: SliceStart): start is readonly TensorLike[] {
  return Array.isArray(start);
}

function listOf(name: string, start: readonly TensorLike[]): Tensor {
  if (start.length === 0) return tensor([], { dtype: 'int32' });
  return stack(start.map((position) => toIndex(name, position)));
}

function checkExtents(name: string, x: Tensor, extents: Shape): void {
  checkShape(name, extents);
  const fits =
    extents.length === x.ndim &&
    extents.every(
      (extent, axis) => Number.isInteger(extent) && extent >= 0 && extent <= (x.shape[axis] ?? 0),
    );
  if (!fits) {
    throw new ShapeError(
      `${name}: a slice of extents [${extents.join(', ')}] does not fit into shape ${formatShape(x.shape)}; give one whole number for each axis, at most the extent there.`,
    );
  }
}

/**
 * A slice of fixed extents whose place is data: `x[start[0] : start[0] + extents[0], ...]`.
 *
 * Negative positions count from the end. A slice that would leave x is moved inside, as in JAX; so
 * no start is an error. For places known beforehand, see `at`.
 *
 * @throws ShapeError when the extents do not fit into x, or the start has not one position per axis.
 */
export function dynamicSlice(x: TensorLike, start: SliceStart, extents: Shape): Tensor {
  const made = asTensor(x, 'dynamicSlice');
  checkExtents('dynamicSlice', made, extents);
  const from = startOf('dynamicSlice', start, made);
  return primitives.dynamicSlice(made, from, { batch: 0, extents });
}

/**
 * x with the slice that begins at `start` replaced by `update`, which has as many axes as x.
 *
 * Negative positions count from the end, and a slice that would leave x is moved inside, as in JAX.
 *
 * @throws ShapeError when the update does not fit into x, or the start has not one position per axis.
 */
export function dynamicUpdateSlice(x: TensorLike, update: TensorLike, start: SliceStart): Tensor {
  const [into, part] = promote('dynamicUpdateSlice', [x, update]);
  if (!into || !part) throw new Error('unreachable');
  checkExtents('dynamicUpdateSlice', into, part.shape);
  const at = startOf('dynamicUpdateSlice', start, into);
  return primitives.dynamicUpdate(into, at, part, { batch: 0, mode: 'set' });
}
