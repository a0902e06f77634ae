import { cast } from '../primitives/cast.ts';
import { iota } from '../primitives/create.ts';
import { checkDType, checkList, checkOptions, checkWhole } from '../tensor/check.ts';
import type { DType } from '../tensor/dtype.ts';
import type { TensorLike } from '../tensor/methods.ts';
import { checkCount, formatShape, normalizeAxis, ShapeError } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { perform, performOne } from '../trace/trace.ts';
import { eq } from './elementwise.ts';
import { toIndex } from './index-by-tensor.ts';
import { type AxisIndex, at, broadcastTo, expandDims, reshape } from './shape.ts';
import { asTensor } from './tensor.ts';

/**
 * Cuts a tensor along an axis: into equal parts when `parts` is a number, or before each of the
 * positions of a list.
 */
export function split(
  x: TensorLike,
  parts: number | readonly number[],
  options: { axis?: number } = {},
): Tensor[] {
  checkOptions('split', options, ['axis']);
  const { axis = 0 } = options;
  const made = asTensor(x, 'split');
  const along = normalizeAxis('split', axis, made.shape);
  const extent = made.shape[along] ?? 0;
  if (typeof parts === 'number' && (!Number.isInteger(parts) || parts < 1 || extent % parts)) {
    throw new ShapeError(
      `split: ${extent} entries on axis ${axis} of shape ${formatShape(made.shape)} do not make ${parts} equal parts; give a list of positions.`,
    );
  }
  if (typeof parts !== 'number') {
    checkList('split', 'parts', parts);
    if (!parts.every(Number.isInteger)) {
      throw new ShapeError(
        `split: [${parts.map(String).join(', ')}] are not positions; give whole numbers.`,
      );
    }
  }
  const cuts =
    typeof parts === 'number'
      ? Array.from({ length: parts - 1 }, (_, i) => ((i + 1) * extent) / parts)
      : parts;
  const ends = [...cuts, extent];
  const pieces = perform(split, [made], { ends, along }, (whole = made) =>
    ends.map((end, i) =>
      at(
        whole,
        ...whole.shape.map((_, d): AxisIndex => (d === along ? [ends[i - 1] ?? 0, end] : null)),
      ),
    ),
  );
  return [...pieces];
}

/**
 * Repeats a tensor `times[i]` times along each axis, a number along the last one; missing axes are
 * added in front.
 *
 * @throws RangeError when a number of times is not whole.
 */
export function tile(x: TensorLike, times: number | readonly number[]): Tensor {
  const made = asTensor(x, 'tile');
  const repeats = [times].flat();
  for (const count of repeats) checkWhole('tile', 'a number of times', count, 0);
  const ndim = Math.max(made.ndim, repeats.length);
  const shape = [...new Array<number>(ndim - made.ndim).fill(1), ...made.shape];
  const each = [...new Array<number>(ndim - repeats.length).fill(1), ...repeats];
  checkCount(
    'tile',
    shape.map((extent, axis) => extent * (each[axis] ?? 1)),
  );
  const apart = shape.flatMap((extent) => [1, extent]);
  const spread = shape.flatMap((extent, axis) => [each[axis] ?? 1, extent]);
  return performOne(tile, [made], { each }, (x) =>
    reshape(
      broadcastTo(reshape(x, apart), spread),
      shape.map((extent, axis) => extent * (each[axis] ?? 1)),
    ),
  );
}

/**
 * 1 at the position that an int32 index names and 0 elsewhere, along a new last axis of `depth`;
 * all 0 for an index outside.
 */
export function oneHot(index: TensorLike, depth: number, options: { dtype?: DType } = {}): Tensor {
  checkOptions('oneHot', options, ['dtype']);
  const { dtype = 'float64' } = options;
  checkDType('oneHot', dtype);
  checkWhole('oneHot', 'the depth', depth, 0);
  const positions = expandDims(toIndex('oneHot', index), -1);
  checkCount('oneHot', [...positions.shape.slice(0, -1), depth]);
  return cast(eq(positions, iota([], { size: depth, dtype: 'int32' })), { dtype });
}
