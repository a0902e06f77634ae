import {
  conv,
  convTranspose,
  type Padding,
  ShapeError,
  type Tensor,
  type TensorLike,
} from '@grad/core';
import { initWeight, type WeightOptions, type WeightParams } from './dense.ts';
import { type Layer, stateless } from './layer.ts';
import { checkCount, inDtypeOf, parameter, shapeOf } from './operands.ts';

/** How a convolution moves and starts; one number stands for all spatial axes. */
export interface ConvLayerOptions extends WeightOptions {
  /** Step of the kernel; 1 when left out. */
  readonly strides?: number | readonly number[];
  /** Zeros around x, as in core's `conv`; none when left out. */
  readonly padding?: Padding;
  /** Distance between the taps of the kernel; 1 when left out. */
  readonly dilation?: number | readonly number[];
  /** Parts that the channels are cut into, each with kernels of its own; 1 when left out. */
  readonly groups?: number;
}

/** The same for a transposed convolution. */
export interface ConvTransposeLayerOptions extends Omit<ConvLayerOptions, 'padding'> {
  /** Zeros that the convolution added which is transposed; none when left out. */
  readonly padding?: number | readonly number[];
  /** Entries added after each axis; 0 when left out. */
  readonly outputPadding?: number | readonly number[];
}

/** A convolution, or a transposed one. */
export interface Conv extends Layer<WeightParams> {
  readonly kind: 'conv1d' | 'conv2d' | 'convTranspose2d';
  readonly inputs: number;
  readonly outputs: number;
  /** Extents of the kernel. */
  readonly size: readonly number[];
}

interface Plan {
  readonly kind: Conv['kind'];
  readonly inputs: number;
  readonly outputs: number;
  readonly size: number | readonly number[];
  readonly axes: 1 | 2;
  readonly options: WeightOptions & { readonly groups?: number };
  /** The kernel applied to x. */
  convolve(x: Tensor, weight: Tensor): Tensor;
}

function convLayer({ kind, inputs, outputs, size, axes, options, convolve }: Plan): Conv {
  const { groups = 1, bias = true } = options;
  checkCount(kind, 'the number of input channels', inputs);
  checkCount(kind, 'the number of output channels', outputs);
  checkCount(kind, 'groups', groups);
  const extents = typeof size === 'number' ? new Array<number>(axes).fill(size) : [...size];
  for (const extent of extents) checkCount(kind, 'the size of the kernel', extent);
  if (extents.length !== axes) {
    throw new RangeError(
      `${kind}: the size of the kernel is [${extents.join(', ')}]; give one number, or ${axes}.`,
    );
  }
  if (inputs % groups !== 0 || outputs % groups !== 0) {
    throw new RangeError(
      `${kind}: ${groups} groups do not divide ${inputs} input and ${outputs} output channels.`,
    );
  }
  const transposed = kind === 'convTranspose2d';
  const channels = transposed ? [inputs, outputs / groups] : [outputs, inputs / groups];
  const shape = [...channels, ...extents];
  const where = transposed ? { inAxis: 0, outAxis: 1 } : { inAxis: 1, outAxis: 0 };
  const layout = axes === 1 ? '[batch, channels, length]' : '[batch, channels, height, width]';
  return stateless<WeightParams, Pick<Conv, 'kind' | 'form' | 'inputs' | 'outputs' | 'size'>>({
    kind,
    form: 'affine',
    inputs,
    outputs,
    size: extents,
    init: (key) => initWeight(key, shape, where, outputs, options),
    apply: (params, x: TensorLike) => {
      const weight = parameter(kind, params, 'weight', shape);
      const made = inDtypeOf(weight, x);
      if (made.ndim !== axes + 2 || made.shape[1] !== inputs) {
        throw new ShapeError(
          `${kind}: x has shape ${shapeOf(made)}; ${layout} with ${inputs} channels is needed. For one example, add a batch axis: x.expandDims(0).`,
        );
      }
      const linear = convolve(made, weight);
      if (!bias) return linear;
      const added = parameter(kind, params, 'bias', [outputs]);
      return linear.add(added.reshape([outputs, ...extents.map(() => 1)]));
    },
  });
}

/** A convolution with `axes` spatial axes. */
function convolution(
  kind: 'conv1d' | 'conv2d',
  axes: 1 | 2,
  inputs: number,
  outputs: number,
  size: number | readonly number[],
  options: ConvLayerOptions,
): Conv {
  const { strides = 1, padding = 'valid', dilation = 1, groups = 1 } = options;
  const how = { strides, padding, dilation, groups };
  const convolve = (x: Tensor, weight: Tensor): Tensor => conv(x, weight, how);
  return convLayer({ kind, inputs, outputs, size, axes, options, convolve });
}

/**
 * Convolution over one axis: x of shape `[batch, inputs, length]` with a weight of shape
 * `[outputs, inputs / groups, size]`. Conventions and shapes are PyTorch's.
 *
 * @throws RangeError when sizes are no whole numbers, or groups do not divide the channels.
 */
export function conv1d(
  inputs: number,
  outputs: number,
  size: number | readonly number[],
  options: ConvLayerOptions = {},
): Conv {
  return convolution('conv1d', 1, inputs, outputs, size, options);
}

/**
 * Convolution over two axes: x of shape `[batch, inputs, height, width]` with a weight of shape
 * `[outputs, inputs / groups, size, size]`. Conventions and shapes are PyTorch's.
 *
 * @throws RangeError when sizes are no whole numbers, or groups do not divide the channels.
 */
export function conv2d(
  inputs: number,
  outputs: number,
  size: number | readonly number[],
  options: ConvLayerOptions = {},
): Conv {
  return convolution('conv2d', 2, inputs, outputs, size, options);
}

/**
 * The transpose of a convolution over two axes: x of shape `[batch, inputs, height, width]` with a
 * weight of shape `[inputs, outputs / groups, size, size]` becomes `strides` times as large.
 * Conventions and shapes are PyTorch's. Initializers count `inputs` times the taps as `fanIn`, where
 * PyTorch takes the outputs.
 *
 * @throws RangeError when sizes are no whole numbers, or groups do not divide the channels.
 */
export function convTranspose2d(
  inputs: number,
  outputs: number,
  size: number | readonly number[],
  options: ConvTransposeLayerOptions = {},
): Conv {
  const { strides = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1 } = options;
  const how = { strides, padding, outputPadding, dilation, groups };
  const convolve = (x: Tensor, weight: Tensor): Tensor => convTranspose(x, weight, how);
  return convLayer({ kind: 'convTranspose2d', inputs, outputs, size, axes: 2, options, convolve });
}
