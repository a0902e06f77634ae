import { take } from '../primitives/take.ts';
import { checkOptions } from '../tensor/check.ts';
import type { TensorLike } from '../tensor/methods.ts';
import { broadcastShapes, formatShape, normalizeAxis, ShapeError } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { toIndex } from './index-by-tensor.ts';
import { stretch } from './promote.ts';
import { moveAxis } from './shape.ts';
import { asTensor } from './tensor.ts';

/**
 * One element of x for each element of an index, along an axis (NumPy's `take_along_axis`): with
 * axis 1 of two, `y[i, j] = x[i, index[i, j]]`. For whole slices at each position, see `take`.
 *
 * @param index int32 with as many axes as x; extents besides the axis agree, or 1 stretches
 * @throws ShapeError when the axes do not match.
 * @throws RangeError when the call runs and an index lies outside the axis.
 */
export function gather(x: TensorLike, index: TensorLike, options: { axis?: number } = {}): Tensor {
  checkOptions('gather', options, ['axis']);
  const { axis = -1 } = options;
  const made = asTensor(x, 'gather');
  const at = toIndex('gather', index);
  const along = normalizeAxis('gather', axis, made.shape);
  if (at.ndim !== made.ndim) {
    throw new ShapeError(
      `gather: x has shape ${formatShape(made.shape)} and the index ${formatShape(at.shape)}; they need equally many axes. To take whole slices, use take.`,
    );
  }
  const [from, positions] = [moveAxis(made, along, -1), moveAxis(at, along, -1)];
  const batch = made.ndim - 1;
  const lead = broadcastShapes(
    'gather',
    from.shape.slice(0, batch),
    positions.shape.slice(0, batch),
  );
  const taken = take(
    stretch(from, [...lead, from.shape[batch] ?? 0]),
    stretch(positions, [...lead, positions.shape[batch] ?? 0]),
    { batch },
  );
  return moveAxis(taken, -1, along);
}
