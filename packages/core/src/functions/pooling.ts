import { windows } from '../primitives/windows.ts';
import { checkOptions } from '../tensor/check.ts';
import { isFloat } from '../tensor/dtype.ts';
import type { TensorLike } from '../tensor/methods.ts';
import { formatShape, ShapeError } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { describeType } from '../tensor/type.ts';
import { type Padding, paddingPairs, perAxis } from './convolution.ts';
import { div } from './elementwise.ts';
import { pad } from './pad.ts';
import { toFloat } from './promote.ts';
import { max, sum } from './reduce.ts';
import { reshape } from './shape.ts';
import { asTensor, tensor } from './tensor.ts';

/** Windows of a pooling; one number stands for all spatial axes. */
export interface PoolOptions {
  /** Entries of a window. */
  readonly size: number | readonly number[];
  /** Step from one window to the next; the size when left out. */
  readonly strides?: number | readonly number[];
  /** Entries around x, as for `conv`; none when left out. */
  readonly padding?: Padding;
  /** Distance between the entries of a window; 1 when left out. */
  readonly dilation?: number | readonly number[];
}

/** Windows of an average pooling. */
export interface AvgPoolOptions extends Omit<PoolOptions, 'dilation'> {
  /** Whether the zeros around x count as entries of a window; true when left out. */
  readonly countIncludePad?: boolean;
}

interface Pooled {
  /** Windows of x, their entries on the last axes. */
  readonly entries: Tensor;
  /** The axes of the entries. */
  readonly axes: readonly number[];
  /** For each spatial axis, how many entries of each window lie in x. */
  readonly inside: readonly (readonly number[])[];
}

function pooled(name: string, x: Tensor, options: PoolOptions, filler: number): Pooled {
  const own = name === 'maxPool' ? 'dilation' : 'countIncludePad';
  checkOptions<AvgPoolOptions & PoolOptions>(name, options, ['size', 'strides', 'padding', own]);
  const { size, strides = size, padding = 'valid', dilation = 1 } = options;
  const count = x.ndim - 2;
  if (count < 1 || x.dtype === 'bool') {
    throw new ShapeError(
      `${name}: x is ${describeType(x.type)}; numbers of shape [batch, channels, ...] with at least one spatial axis are needed.`,
    );
  }
  const sizes = perAxis(name, 'size', size, count, 1);
  const steps = perAxis(name, 'strides', strides, count, 1);
  const apart = perAxis(name, 'dilation', dilation, count, 1);
  const extents = x.shape.slice(2);
  const reach = sizes.map((entries, i) => (entries - 1) * (apart[i] ?? 1) + 1);
  const pairs = paddingPairs(name, padding, extents, reach, steps);
  if (pairs.some((pair) => pair.some((width) => width < 0))) {
    throw new RangeError(
      `${name}: padding is ${JSON.stringify(padding)}; it must not be negative.`,
    );
  }
  const wide = pad(x, [[0, 0], [0, 0], ...pairs], { value: filler });
  reach.forEach((entries, i) => {
    if ((wide.shape[i + 2] ?? 0) >= entries) return;
    throw new ShapeError(
      `${name}: on spatial axis ${i}, a window reaches over ${entries} entries, and x with its padding has ${wide.shape[i + 2]}; x is ${formatShape(x.shape)}. Pad x.`,
    );
  });
  const entries = windows(wide, { size: sizes, strides: steps, dilation: apart });
  const inside = sizes.map((taps, i) => {
    const [before = 0] = pairs[i] ?? [];
    return Array.from({ length: entries.shape[i + 2] ?? 0 }, (_, w) => {
      const first = w * (steps[i] ?? 1) - before;
      const places = Array.from({ length: taps }, (_unused, k) => first + k * (apart[i] ?? 1));
      return places.filter((place) => place >= 0 && place < (extents[i] ?? 0)).length;
    });
  });
  return { entries, axes: sizes.map((_, i) => i + 2 + count), inside };
}

/**
 * The largest element of each window: `[batch, channels, ...]` keeps its first two axes. What is
 * added around x never wins. Elements that tie in a window share its derivative equally, as in `max`.
 *
 * @throws ShapeError when x has no spatial axis or a window is larger than the padded x.
 * @throws RangeError when an option does not fit the spatial axes.
 */
export function maxPool(x: TensorLike, options: PoolOptions): Tensor {
  const made = asTensor(x, 'maxPool');
  const least = isFloat(made.dtype) ? Number.NEGATIVE_INFINITY : -(2 ** 31);
  const { entries, axes } = pooled('maxPool', made, options, least);
  return max(entries, { axis: axes });
}

/**
 * The mean of each window: `[batch, channels, ...]` keeps its first two axes. Zeros around x count
 * as entries, as in PyTorch, unless `countIncludePad` is false.
 *
 * @throws ShapeError when x has no spatial axis or a window is larger than the padded x.
 * @throws RangeError when an option does not fit the spatial axes.
 */
export function avgPool(x: TensorLike, options: AvgPoolOptions): Tensor {
  const made = toFloat(x, 'avgPool');
  const { entries, axes, inside } = pooled('avgPool', made, options, 0);
  const total = sum(entries, { axis: axes });
  if (options.countIncludePad ?? true) {
    return div(
      total,
      axes.reduce((product, axis) => product * (entries.shape[axis] ?? 1), 1),
    );
  }
  return inside.reduce((mean, counts, i) => {
    const shape = mean.shape.map((extent, axis) => (axis === i + 2 ? extent : 1));
    return div(mean, reshape(tensor(counts, { dtype: made.dtype }), shape));
  }, total);
}
