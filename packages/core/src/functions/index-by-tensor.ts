import { scatterAdd, take as takePrimitive } from '../primitives/take.ts';
import { checkOptions, checkWhole } from '../tensor/check.ts';
import type { TensorLike } from '../tensor/methods.ts';
import { DTypeError, normalizeAxis, ShapeError } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { describeType } from '../tensor/type.ts';
import { zeros } from './create.ts';
import { moveAxis, transpose } from './shape.ts';
import { convert } from './tensor.ts';

/** An int32 index; whole numbers in nested arrays count as one. */
export function toIndex(name: string, index: TensorLike): Tensor {
  if (typeof index === 'number' || Array.isArray(index)) {
    return convert(name, 'the index', index, 'int32');
  }
  const made = convert(name, 'the index', index);
  if (made.dtype === 'int32') return made;
  throw new DTypeError(`${name}: the index is ${describeType(made.type)}; it must be int32.`);
}

/**
 * Slices of x at the positions `index` along an axis; the axes of the index take its place.
 *
 * @throws RangeError when the call runs and an index lies outside the axis.
 */
export function take(x: TensorLike, index: TensorLike, options: { axis?: number } = {}): Tensor {
  checkOptions('take', options, ['axis']);
  const { axis = 0 } = options;
  const made = convert('take', 'x', x);
  const along = normalizeAxis('take', axis, made.shape);
  const at = toIndex('take', index);
  const taken = takePrimitive(moveAxis(made, along, 0), at, { batch: 0 });
  if (along === 0) return taken;
  const axes = taken.shape.map((_, i) => i);
  const [picked, rest] = [axes.slice(0, at.ndim), axes.slice(at.ndim)];
  return transpose(taken, [...rest.slice(0, along), ...picked, ...rest.slice(along)]);
}

/**
 * Sums rows of `data` that share a segment: row s of the result is the sum of the rows i with
 * `segments[i] = s`, and zero when there is none.
 *
 * @param data shape [n, ...]
 * @param segments int32 of shape [n], each in [0, count)
 * @throws RangeError when the call runs and a segment lies outside [0, count).
 */
export function segmentSum(
  data: TensorLike,
  segments: TensorLike,
  options: { count: number },
): Tensor {
  checkOptions('segmentSum', options, ['count']);
  const { count } = options;
  checkWhole('segmentSum', 'the count', count, 0);
  const made = convert('segmentSum', 'data', data);
  const ids = toIndex('segmentSum', segments);
  if (ids.ndim !== 1 || made.ndim === 0 || ids.shape[0] !== made.shape[0]) {
    throw new ShapeError(
      `segmentSum: data ${describeType(made.type)} needs one segment for each row; got ${describeType(ids.type)}.`,
    );
  }
  const start = zeros([count, ...made.shape.slice(1)], { dtype: made.dtype });
  return scatterAdd(start, ids, made, { batch: 0 });
}
