import { checkOptions } from '../../tensor/check.ts';
import type { TensorLike } from '../../tensor/methods.ts';
import { normalizeAxes } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { type Complex, type ComplexLike, isPair, toMaybeReal } from '../complex-pair.ts';
import { roll } from '../shape.ts';
import { asTensor } from '../tensor.ts';

/** Which axes to shift. */
export interface ShiftOptions {
  /** All axes when left out. */
  readonly axes?: number | readonly number[];
}

function shifted(
  name: string,
  x: ComplexLike,
  options: ShiftOptions,
  by: (extent: number) => number,
): Tensor | Complex {
  checkOptions(name, options, ['axes']);
  if (isPair(x)) {
    const { re, im } = toMaybeReal(name, x);
    if (im === undefined) return rolled(name, re, options, by);
    return { re: rolled(name, re, options, by), im: rolled(name, im, options, by) };
  }
  return rolled(name, asTensor(x, name), options, by);
}

function rolled(
  name: string,
  x: Tensor,
  { axes }: ShiftOptions,
  by: (extent: number) => number,
): Tensor {
  const along = normalizeAxes(name, axes, x.shape);
  return along.reduce((made, axis) => roll(made, by(made.shape[axis] ?? 0), { axis }), x);
}

/**
 * A spectrum with the zero frequency in the middle, at floor(n / 2) of each axis of extent n; of a tensor, or of both
 * parts of complex numbers.
 *
 * @throws ShapeError when an axis is not there or named twice.
 */
export function fftshift(x: TensorLike, options?: ShiftOptions): Tensor;
export function fftshift(x: ComplexLike, options?: ShiftOptions): Complex;
export function fftshift(x: ComplexLike, options: ShiftOptions = {}): Tensor | Complex {
  return shifted('fft.fftshift', x, options, (extent) => Math.floor(extent / 2));
}

/**
 * Undoes `fftshift`.
 *
 * @throws what `fftshift` throws.
 */
export function ifftshift(x: TensorLike, options?: ShiftOptions): Tensor;
export function ifftshift(x: ComplexLike, options?: ShiftOptions): Complex;
export function ifftshift(x: ComplexLike, options: ShiftOptions = {}): Tensor | Complex {
  return shifted('fft.ifftshift', x, options, (extent) => -Math.floor(extent / 2));
}
