import { scatterAdd, take as takePrimitive } from '../primitives/take.ts';
import { checkChoice, checkOptions, checkWhole } from '../tensor/check.ts';
import type { TensorLike } from '../tensor/methods.ts';
import { checkCount, DTypeError, normalizeAxis, ShapeError } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { describeType } from '../tensor/type.ts';
import { zeros } from './create.ts';
import { clip, mod } from './elementwise.ts';
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

/** How to take slices. */
export interface TakeOptions {
  /** Axis that the index counts along; the first unless said otherwise. */
  readonly axis?: number;
  /**
   * What an index outside the axis means: an error (`check`), the nearest end (`clip`), or a position
   * counted around (`wrap`, with which -1 is the last one). `check` when left out.
   */
  readonly mode?: 'check' | 'clip' | 'wrap';
}

/**
 * Slices of x at the positions `index` along an axis; the axes of the index take its place.
 *
 * @throws RangeError when the call runs and an index lies outside the axis, unless `mode` says what
 * it means.
 */
export function take(x: TensorLike, index: TensorLike, options: TakeOptions = {}): Tensor {
  checkOptions('take', options, ['axis', 'mode']);
  const { axis = 0, mode = 'check' } = options;
  checkChoice('take', 'mode', mode, ['check', 'clip', 'wrap']);
  const made = convert('take', 'x', x);
  const along = normalizeAxis('take', axis, made.shape);
  const extent = made.shape[along] ?? 0;
  const given = toIndex('take', index);
  const inside = (): Tensor => (mode === 'clip' ? clip(given, 0, extent - 1) : mod(given, extent));
  const at = mode === 'check' || extent === 0 ? given : inside();
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
  checkCount('segmentSum', [count, ...made.shape.slice(1)]);
  const start = zeros([count, ...made.shape.slice(1)], { dtype: made.dtype });
  return scatterAdd(start, ids, made, { batch: 0 });
}
