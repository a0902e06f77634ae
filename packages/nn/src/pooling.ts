import { avgPool, maxPool, type Padding, ShapeError, type Tensor } from '@grad/core';
import { type Empty, type Layer, stateless } from './layer.ts';
import { asInput, shapeOf } from './operands.ts';

/** Where windows lie; one number stands for all spatial axes. */
export interface PoolingOptions {
  /** Step from one window to the next; its size when left out. */
  readonly strides?: number | readonly number[];
  /** Entries around x, as in core's `maxPool`; none when left out. */
  readonly padding?: Padding;
}

/** Windows of an average pooling. */
export interface AvgPoolingOptions extends PoolingOptions {
  /** Whether the zeros around x count as entries of a window; true when left out. */
  readonly countIncludePad?: boolean;
}

/** A layer without parameters that reduces windows, or all, of the spatial axes. */
export interface Pooling extends Layer {
  readonly kind: 'maxPooling' | 'avgPooling' | 'globalMaxPooling' | 'globalAvgPooling';
}

function pooling(kind: Pooling['kind'], pool: (x: Tensor) => Tensor): Pooling {
  const largest = kind === 'maxPooling' || kind === 'globalMaxPooling';
  return stateless<Empty, Pick<Pooling, 'kind'>>({
    kind,
    form: largest ? 'maximum' : 'affine',
    init: () => ({}),
    apply: (_params, x) => {
      const made = asInput(x);
      if (made.ndim < 3) {
        throw new ShapeError(
          `${kind}: x has shape ${shapeOf(made)}; [batch, channels, ...] with at least one spatial axis is needed.`,
        );
      }
      return pool(made);
    },
  });
}

/** The largest element of each window; see core's `maxPool`. Ties share the derivative. */
export function maxPooling(
  size: number | readonly number[],
  { strides = size, padding = 'valid' }: PoolingOptions = {},
): Pooling {
  return pooling('maxPooling', (x) => maxPool(x, { size, strides, padding }));
}

/** The mean of each window; see core's `avgPool`. */
export function avgPooling(
  size: number | readonly number[],
  { strides = size, padding = 'valid', countIncludePad = true }: AvgPoolingOptions = {},
): Pooling {
  return pooling('avgPooling', (x) => avgPool(x, { size, strides, padding, countIncludePad }));
}

const spatial = (x: Tensor): number[] => x.shape.map((_, axis) => axis).slice(2);

/** The largest element of each channel: `[batch, channels, ...]` becomes `[batch, channels]`. */
export function globalMaxPooling(): Pooling {
  return pooling('globalMaxPooling', (x) => x.max({ axis: spatial(x) }));
}

/** The mean of each channel: `[batch, channels, ...]` becomes `[batch, channels]`. */
export function globalAvgPooling(): Pooling {
  return pooling('globalAvgPooling', (x) => x.mean({ axis: spatial(x) }));
}
