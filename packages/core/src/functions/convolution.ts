import { convolve } from '../primitives/convolve.ts';
import { zeros } from '../primitives/create.ts';
import { slice, sliceAdd } from '../primitives/slice.ts';
import { transpose as permute } from '../primitives/transpose.ts';
import { checkNumber, checkOptions, describeValue } from '../tensor/check.ts';
import type { TensorLike } from '../tensor/methods.ts';
import { checkCount, formatShape, type Shape, ShapeError } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { describeType, tensorType } from '../tensor/type.ts';
import type { PadWidths } from './pad.ts';
import { promote } from './promote.ts';
import { flip, reshape } from './shape.ts';

/**
 * What is added around the spatial axes: nothing (`valid`), zeros such that the result has
 * ceil(extent / stride) positions, the odd one after (`same`), a number on all sides, or a number or
 * `[before, after]` for each axis. A negative number takes entries away.
 */
export type Padding = 'valid' | 'same' | number | readonly (number | PadWidths)[];

/** How a kernel moves over the spatial axes; one number stands for all of them. */
export interface ConvOptions {
  /** Step of the kernel; 1 when left out. */
  readonly strides?: number | readonly number[];
  /** Zeros around x; none when left out. */
  readonly padding?: Padding;
  /** Distance between the taps of the kernel; 1 when left out. */
  readonly dilation?: number | readonly number[];
  /** Distance between the elements of x, zeros filling the gaps; 1 when left out. */
  readonly inputDilation?: number | readonly number[];
  /** Parts that the channels are cut into, each with kernels of its own; 1 when left out. */
  readonly groups?: number;
}

/** How `convTranspose` undoes a convolution; one number stands for all spatial axes. */
export interface ConvTransposeOptions {
  /** Step of the convolution that is transposed; 1 when left out. */
  readonly strides?: number | readonly number[];
  /** Zeros that the convolution added around its operand, for each axis; none when left out. */
  readonly padding?: number | readonly (number | PadWidths)[];
  /** Entries added after each axis, to choose between operands with the same result; 0 when left out. */
  readonly outputPadding?: number | readonly number[];
  /** Distance between the taps of the kernel; 1 when left out. */
  readonly dilation?: number | readonly number[];
  /** Parts that the channels are cut into, each with kernels of its own; 1 when left out. */
  readonly groups?: number;
}

/** One whole number of at least `least` for each spatial axis. */
export function perAxis(
  name: string,
  option: string,
  value: number | readonly number[],
  count: number,
  least: number,
): number[] {
  const all = Array.isArray(value)
    ? [...value]
    : new Array<number>(count).fill(typeof value === 'number' ? value : Number.NaN);
  if (all.length !== count || all.some((n) => !Number.isInteger(n) || n < least)) {
    throw new RangeError(
      `${name}: ${option} is ${described(value)}; it must be a whole number >= ${least}, or one for each of the ${count} spatial axes.`,
    );
  }
  return all;
}

/** An option in words; lists of numbers and of pairs as they are. */
function described(value: unknown): string {
  if (!Array.isArray(value)) return describeValue(value);
  return `[${value.map(described).join(',')}]`;
}

/** Padding as a pair for each axis, where windows of `reach` entries move by `strides`. */
export function paddingPairs(
  name: string,
  padding: Padding,
  extents: Shape,
  reach: readonly number[],
  strides: readonly number[],
): PadWidths[] {
  if (padding === 'valid') return extents.map(() => [0, 0]);
  if (padding === 'same') {
    return extents.map((extent, i) => {
      const by = strides[i] ?? 1;
      const total = Math.max(0, (Math.ceil(extent / by) - 1) * by + (reach[i] ?? 1) - extent);
      return [Math.floor(total / 2), Math.ceil(total / 2)];
    });
  }
  const all = typeof padding === 'number' ? extents.map(() => padding) : padding;
  const list: readonly (number | PadWidths)[] = Array.isArray(all) ? all : [];
  const pairs = list.map(
    (entry): PadWidths => (typeof entry === 'number' ? [entry, entry] : entry),
  );
  const whole = pairs.every(
    (pair) => Array.isArray(pair) && pair.length === 2 && pair.every(Number.isInteger),
  );
  if (pairs.length !== extents.length || !whole) {
    throw new RangeError(
      `${name}: padding is ${described(padding)}; it must be 'valid', 'same', a whole number, or a whole number or [before, after] for each of the ${extents.length} spatial axes.`,
    );
  }
  return pairs;
}

/**
 * x with its trailing axes spread to every `dilation`-th entry and widened by zeros, or cut where
 * widths are negative.
 */
function spread(
  name: string,
  x: Tensor,
  dilation: readonly number[],
  pairs: readonly PadWidths[],
): Tensor {
  const lead = x.ndim - pairs.length;
  const plain = dilation.every((by) => by === 1);
  if (plain && pairs.every((pair) => pair[0] === 0 && pair[1] === 0)) return x;
  const inside = x.shape.slice(lead).map((extent, i) => {
    const by = dilation[i] ?? 1;
    return Math.max(0, (extent - 1) * by + 1);
  });
  const grown = inside.map((extent, i) => {
    const [before = 0, after = 0] = pairs[i] ?? [];
    return extent + Math.max(0, before) + Math.max(0, after);
  });
  checkCount(name, [...x.shape.slice(0, lead), ...grown]);
  const front = new Array<number>(lead).fill(0);
  const wide = sliceAdd(zeros(tensorType(x.dtype, [...x.shape.slice(0, lead), ...grown])), x, {
    start: [...front, ...pairs.map(([before]) => Math.max(0, before))],
    extents: x.shape,
    step: [...front.map(() => 1), ...dilation],
  });
  if (pairs.every((pair) => pair[0] >= 0 && pair[1] >= 0)) return wide;
  const start = pairs.map(([before]) => Math.max(0, -before));
  return slice(wide, {
    start: [...front, ...start],
    extents: [
      ...x.shape.slice(0, lead),
      ...grown.map((extent, i) => {
        const [before = 0, after = 0] = pairs[i] ?? [];
        return Math.max(0, extent + Math.min(0, before) + Math.min(0, after));
      }),
    ],
    step: x.shape.map(() => 1),
  });
}

/** Moves the groups of an axis to the front: `[..., groups * n, ...]` becomes `[groups, ..., n, ...]`. */
function groupsFirst(x: Tensor, axis: number, groups: number): Tensor {
  const shape = x.shape.toSpliced(axis, 1, groups, (x.shape[axis] ?? 0) / groups);
  const axes = shape.map((_, i) => i).filter((i) => i !== axis);
  return permute(reshape(x, shape), { perm: [axis, ...axes] });
}

/** Undoes `groupsFirst`, with the groups back on axis 1. */
function groupsBack(x: Tensor): Tensor {
  const [groups = 0, batch = 0, channels = 0, ...rest] = x.shape;
  const perm = [1, 0, ...x.shape.map((_, axis) => axis).slice(2)];
  return reshape(permute(x, { perm }), [batch, groups * channels, ...rest]);
}

/** Operands and the extents of taps, checked. */
function convOperands(
  name: string,
  x: TensorLike,
  kernel: TensorLike,
  groups: number,
  transposed: boolean,
): { image: Tensor; taps: Tensor; count: number } {
  const [image, taps] = promote(name, [x, kernel]);
  if (!image || !taps) throw new Error('unreachable');
  const count = image.ndim - 2;
  const layout = transposed ? '[in, out / groups, ...]' : '[out, in / groups, ...]';
  const got = `got ${describeType(image.type)} and ${describeType(taps.type)}`;
  if (count < 1 || taps.ndim !== image.ndim) {
    throw new ShapeError(
      `${name}: x of shape [batch, in, ...] and a kernel of shape ${layout} with the same spatial axes are needed; ${got}.`,
    );
  }
  checkNumber(name, 'groups', groups);
  const channels = image.shape[1] ?? 0;
  const [first = 0, second = 0] = taps.shape;
  const fits = transposed ? first === channels : second * groups === channels;
  const divisible = first % groups === 0;
  if (!Number.isInteger(groups) || groups < 1 || !fits || !divisible) {
    throw new ShapeError(
      `${name}: with groups ${groups}, the kernel is ${layout} for x of shape [batch, in, ...], and groups divide both; ${got}.`,
    );
  }
  if (taps.shape.slice(2).some((extent) => extent === 0)) {
    throw new ShapeError(`${name}: the kernel has no taps; ${got}.`);
  }
  return { image, taps, count };
}

/**
 * Convolution as neural networks mean it (the kernel is not flipped): x of shape `[batch, in, ...]`
 * with a kernel of shape `[out, in / groups, ...]` gives `[batch, out, ...]`, for one, two, three or
 * more spatial axes. Shapes and options are those of PyTorch; `same` and `inputDilation` are
 * those of XLA.
 *
 * @throws ShapeError when shapes and groups do not fit, or the kernel is larger than the padded x.
 * @throws RangeError when an option does not fit the spatial axes.
 * @see Dumoulin and Visin, A guide to convolution arithmetic for deep learning, arXiv:1603.07285.
 */
export function conv(x: TensorLike, kernel: TensorLike, options: ConvOptions = {}): Tensor {
  checkOptions('conv', options, ['strides', 'padding', 'dilation', 'inputDilation', 'groups']);
  const { strides = 1, padding = 'valid', dilation = 1, inputDilation = 1, groups = 1 } = options;
  const { image, taps, count } = convOperands('conv', x, kernel, groups, false);
  const steps = perAxis('conv', 'strides', strides, count, 1);
  const apart = perAxis('conv', 'dilation', dilation, count, 1);
  const inside = perAxis('conv', 'inputDilation', inputDilation, count, 1);
  const reach = apart.map((by, i) => ((taps.shape[i + 2] ?? 1) - 1) * by + 1);
  const extents = inside.map((by, i) => Math.max(0, ((image.shape[i + 2] ?? 0) - 1) * by + 1));
  const pairs = paddingPairs('conv', padding, extents, reach, steps);
  const wide = spread('conv', image, inside, pairs);
  reach.forEach((entries, i) => {
    if ((wide.shape[i + 2] ?? 0) >= entries) return;
    throw new ShapeError(
      `conv: on spatial axis ${i}, the kernel reaches over ${entries} entries, and x with its padding has ${wide.shape[i + 2]}; x is ${formatShape(image.shape)}, the kernel ${formatShape(taps.shape)}. Pad x.`,
    );
  });
  const result = convolve(groupsFirst(wide, 1, groups), groupsFirst(taps, 0, groups), {
    strides: steps,
    dilation: apart,
  });
  return groupsBack(result);
}

/**
 * The transpose of a convolution, as a layer of its own: x of shape `[batch, in, ...]` with a kernel
 * of shape `[in, out / groups, ...]` gives `[batch, out, ...]` of extents
 * `(extent - 1) strides - padding + dilation (taps - 1) + outputPadding + 1`. It is the derivative of
 * `conv` with the same kernel and options, and has the conventions of PyTorch.
 *
 * @throws ShapeError when shapes and groups do not fit or nothing is left of an axis.
 * @throws RangeError when an option does not fit the spatial axes, or `outputPadding` is not less
 * than the stride or the dilation.
 */
export function convTranspose(
  x: TensorLike,
  kernel: TensorLike,
  options: ConvTransposeOptions = {},
): Tensor {
  const name = 'convTranspose';
  checkOptions(name, options, ['strides', 'padding', 'outputPadding', 'dilation', 'groups']);
  const { strides = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1 } = options;
  const { image, taps, count } = convOperands(name, x, kernel, groups, true);
  const steps = perAxis(name, 'strides', strides, count, 1);
  const apart = perAxis(name, 'dilation', dilation, count, 1);
  const extra = perAxis(name, 'outputPadding', outputPadding, count, 0);
  const cut = paddingPairs(name, padding, image.shape.slice(2), [], steps);
  extra.forEach((by, i) => {
    if (by < Math.max(steps[i] ?? 1, apart[i] ?? 1)) return;
    throw new RangeError(
      `${name}: outputPadding is ${by} on spatial axis ${i}; it must be less than the stride ${steps[i]} or the dilation ${apart[i]}.`,
    );
  });
  const pairs = cut.map(([before, after], i): PadWidths => {
    const reach = ((taps.shape[i + 2] ?? 1) - 1) * (apart[i] ?? 1);
    return [reach - before, reach - after + (extra[i] ?? 0)];
  });
  const wide = spread('convTranspose', image, steps, pairs);
  // [in, out / groups, ...] to [groups, out / groups, in / groups, ...], with the taps reversed.
  const grouped = groupsFirst(taps, 0, groups);
  const perm = [0, 2, 1, ...grouped.shape.map((_, axis) => axis).slice(3)];
  const spatial = taps.shape.map((_, axis) => axis + 1).slice(2);
  const turned = flip(permute(grouped, { perm }), { axis: spatial });
  const result = convolve(groupsFirst(wide, 1, groups), turned, {
    strides: steps.map(() => 1),
    dilation: apart,
  });
  if (result.shape.slice(3).includes(0)) {
    throw new ShapeError(
      `${name}: nothing is left of x of shape ${formatShape(image.shape)} with padding ${JSON.stringify(padding)} and a kernel of shape ${formatShape(taps.shape)}.`,
    );
  }
  return groupsBack(result);
}
