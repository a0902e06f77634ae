import { scatterMax, scatterMin, scatterSet } from '../primitives/scatter.ts';
import { scatterAdd } from '../primitives/take.ts';
import { checkChoice, checkOptions, checkWhole } from '../tensor/check.ts';
import type { TensorLike } from '../tensor/methods.ts';
import {
  broadcastShapes,
  checkCount,
  DTypeError,
  formatShape,
  normalizeAxis,
  ShapeError,
  sameShape,
} from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { describeType } from '../tensor/type.ts';
import { full } from './create.ts';
import { toIndex } from './index-by-tensor.ts';
import { promote, stretch } from './promote.ts';
import { moveAxis, transpose } from './shape.ts';
import { asTensor } from './tensor.ts';

const rules = { set: scatterSet, add: scatterAdd, min: scatterMin, max: scatterMax };

/** How to scatter. */
export interface ScatterOptions {
  /**
   * What happens to an element that is updated: the last update takes its place (`set`), the updates
   * are added to it (`add`), or the extremum of it and the updates stays (`min`, `max`). `set` when
   * left out.
   */
  readonly mode?: 'set' | 'add' | 'min' | 'max';
  /** Axis that the index counts along; the first unless said otherwise. */
  readonly axis?: number;
}

/**
 * x with its slices at the positions of an index updated: the counterpart of `take`, whose result
 * has the shape of the updates. With axis 0, `y[index[i]] = updates[i]`.
 *
 * Of repeated positions, `set` keeps the last update, and only that has a derivative; elements that
 * attain the extremum of `min` or `max` share its derivative equally.
 *
 * @param index int32 of any shape; its axes stand in the place of the axis in the updates
 * @param updates broadcast to the shape of `take(x, index, { axis })`
 * @throws ShapeError when the updates do not broadcast to that shape.
 * @throws RangeError when the call runs and an index lies outside the axis; nothing is written then.
 */
export function scatter(
  x: TensorLike,
  index: TensorLike,
  updates: TensorLike,
  options: ScatterOptions = {},
): Tensor {
  checkOptions('scatter', options, ['mode', 'axis']);
  const { mode = 'set', axis = 0 } = options;
  checkChoice('scatter', 'the mode', mode, Object.keys(rules));
  const [into, parts] = promote('scatter', [x, updates]);
  if (!into || !parts) throw new Error('unreachable');
  if (into.dtype === 'bool' && mode !== 'set') {
    throw new DTypeError(
      `scatter: mode '${mode}' works on numbers; x is ${describeType(into.type)}. Convert it with astype('int32').`,
    );
  }
  const at = toIndex('scatter', index);
  const along = normalizeAxis('scatter', axis, into.shape);
  const shape = into.shape.toSpliced(along, 1, ...at.shape);
  if (!sameShape(broadcastShapes('scatter', parts.shape, shape), shape)) {
    throw new ShapeError(
      `scatter: updates of shape ${formatShape(parts.shape)} do not fit an index of shape ${formatShape(at.shape)} on axis ${axis} of shape ${formatShape(into.shape)}; they must broadcast to ${formatShape(shape)}.`,
    );
  }
  const whole = stretch(parts, shape);
  const axes = shape.map((_, i) => i);
  const picked = axes.slice(along, along + at.ndim);
  const rest = axes.filter((i) => !picked.includes(i));
  const rows = along === 0 ? whole : transpose(whole, [...picked, ...rest]);
  const result = rules[mode](moveAxis(into, along, 0), at, rows, { batch: 0 });
  return moveAxis(result, 0, along);
}

/**
 * Largest element of the rows of `data` that share a segment: row s of the result is the elementwise
 * maximum over the rows i with `segments[i] = s`. Where there is none it is -Infinity, or -2^31 for
 * integers. Equal elements share the derivative.
 *
 * @param data shape [n, ...]
 * @param segments int32 of shape [n], each in [0, count)
 * @throws RangeError when the call runs and a segment lies outside [0, count).
 */
export function segmentMax(
  data: TensorLike,
  segments: TensorLike,
  options: { count: number },
): Tensor {
  checkOptions('segmentMax', options, ['count']);
  const { count } = options;
  checkWhole('segmentMax', 'the count', count, 0);
  const made = asTensor(data, 'segmentMax');
  const ids = toIndex('segmentMax', segments);
  if (made.dtype === 'bool') {
    throw new DTypeError(
      `segmentMax: data is ${describeType(made.type)}; convert it with astype('int32').`,
    );
  }
  if (ids.ndim !== 1 || made.ndim === 0 || ids.shape[0] !== made.shape[0]) {
    throw new ShapeError(
      `segmentMax: data ${describeType(made.type)} needs one segment for each row; got ${describeType(ids.type)}.`,
    );
  }
  checkCount('segmentMax', [count, ...made.shape.slice(1)]);
  const least = made.dtype === 'int32' ? -(2 ** 31) : Number.NEGATIVE_INFINITY;
  const start = full([count, ...made.shape.slice(1)], least, { dtype: made.dtype });
  return scatterMax(start, ids, made, { batch: 0 });
}
