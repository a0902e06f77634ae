import type { Tensor } from '@grad/core';
import type { FloatDType } from '../operands.ts';

/** Where a weight has its inputs and outputs, and the dtype to make it in. */
export interface InitializerOptions {
  /** float32 when left out. */
  readonly dtype?: FloatDType;
  /** Axis of the inputs; the last but one when left out, as in `dense`. */
  readonly inAxis?: number;
  /** Axis of the outputs; the last one when left out. */
  readonly outAxis?: number;
}

/** Makes a tensor of a shape to start from. */
export type Initializer = (
  key: Tensor,
  shape: readonly number[],
  options?: InitializerOptions,
) => Tensor;

/** How many inputs each output of a weight is made of, and how many outputs each input goes into. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/**
 * Fans of a weight: the extent of its axis of inputs or outputs, times the number of taps (the extents
 * of all other axes). For a convolution `[out, in / groups, ...]` with axes 0 and 1 that is
 * `in / groups` or `out`, times the taps; as in PyTorch, groups do not reduce `fanOut`.
 *
 * @throws RangeError when the shape has less than two axes, or not those.
 */
export function fans(
  shape: readonly number[],
  { inAxis = -2, outAxis = -1 }: InitializerOptions = {},
): Fans {
  const [from, to] = [shape.at(inAxis), shape.at(outAxis)];
  if (shape.length < 2 || from === undefined || to === undefined) {
    throw new RangeError(
      `fans: a weight has an axis of inputs and one of outputs; the shape is [${shape.join(', ')}], with axes ${inAxis} and ${outAxis}. Use normal, uniform, zeros or ones for other parameters.`,
    );
  }
  const [row, column] = [inAxis, outAxis].map((axis) => (axis < 0 ? axis + shape.length : axis));
  const taps = shape.reduce((n, extent, i) => (i === row || i === column ? n : n * extent), 1);
  return { fanIn: from * taps, fanOut: to * taps };
}
