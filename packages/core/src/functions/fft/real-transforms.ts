import { zeros } from '../../primitives/create.ts';
import { fourier } from '../../primitives/fourier.ts';
import { mapParts, type Parts } from '../../primitives/fourier-transform.ts';
import type { TensorLike } from '../../tensor/methods.ts';
import { formatShape, ShapeError } from '../../tensor/shape.ts';
import { type Tensor, typeOf } from '../../tensor/tensor.ts';
import { perform } from '../../trace/trace.ts';
import { type Complex, type ComplexLike, isPair, toMaybeReal } from '../complex-pair.ts';
import { toFloat } from '../promote.ts';
import { operationOf } from './complex-transforms.ts';
import { fromHalf, halfTables, toHalf } from './half-spectrum.ts';
import { resized } from './lines.ts';
import {
  type AxisLength,
  type FourierAxes,
  type FourierAxesOptions,
  type FourierOptions,
  lengthOn,
  oneAxis,
  scaleOf,
  severalAxes,
} from './options.ts';
import { fourierTable } from './tables.ts';

/** The half spectrum along the last of the axes, transformed along the others. */
function realAlong(
  name: string,
  x: TensorLike,
  axesOf: (shape: readonly number[]) => FourierAxes,
): Complex {
  if (isPair(x)) {
    throw new TypeError(
      `${name}: takes real numbers, not a pair of parts; use fft for complex ones.`,
    );
  }
  const made = toFloat(x, name);
  const { along, norm } = axesOf(made.shape);
  const axes = along
    .map((each) => ({ axis: each.axis, n: lengthOn(name, each, made.shape) }))
    .reverse();
  const sizes = axes.map(({ n }) => n);
  const scale = scaleOf(norm, false, sizes);
  const [halved = 0, ...others] = sizes;
  const own = halfTables(halved, made.dtype);
  const tables = others.map((n) => fourierTable(n, made.dtype));
  const [re, im] = perform(
    operationOf(name),
    [made, ...own, ...tables],
    { axes, scale },
    (real, ...rest) => {
      let parts: Parts | undefined;
      axes.forEach(({ axis, n }, i) => {
        const table = rest[own.length + i - 1];
        if (parts === undefined) {
          if (!real) throw new Error('unreachable');
          parts = toHalf(resized(real, axis, n), axis, rest.slice(0, own.length), scale);
        } else if (table) {
          const whole = mapParts(parts, (part) => resized(part, axis, n));
          parts = fourier(whole, table, { axis, inverse: false, scale: 1 });
        }
      });
      return parts ? [parts.re, parts.im] : [];
    },
  );
  if (!re || !im) throw new Error('unreachable');
  return { re, im };
}

/** Numbers of elements of the real result on each axis: on the last of them, of a half spectrum. */
function realLengths(
  name: string,
  along: readonly AxisLength[],
  shape: readonly number[],
): { axis: number; n: number }[] {
  return along.map((each, i) => {
    const { axis, n } = each;
    if (i < along.length - 1) return { axis, n: lengthOn(name, each, shape) };
    const length = n ?? 2 * ((shape[axis] ?? 0) - 1);
    if (length > 0) return { axis, n: length };
    throw new ShapeError(
      `${name}: ${shape[axis] ?? 0} elements on axis ${axis} of shape ${formatShape(shape)} are half of a spectrum of ${length}; say in ${along.length > 1 ? 'shape' : 'n'} how many elements the result has.`,
    );
  });
}

/** The real numbers that a half spectrum along the last of the axes belongs to. */
function toRealAlong(
  name: string,
  x: ComplexLike,
  axesOf: (shape: readonly number[]) => FourierAxes,
): Tensor {
  const { re, im = zeros(typeOf(re)) } = toMaybeReal(name, x);
  const { along, norm } = axesOf(re.shape);
  const axes = realLengths(name, along, re.shape);
  const sizes = axes.map(({ n }) => n);
  const scale = scaleOf(norm, true, sizes);
  const others = sizes.slice(0, -1).map((n) => fourierTable(n, re.dtype));
  const own = halfTables(sizes.at(-1) ?? 0, re.dtype);
  const [result] = perform(
    operationOf(name),
    [re, im, ...others, ...own],
    { axes, scale },
    (first, second, ...rest) => {
      if (!first || !second) throw new Error('unreachable');
      let parts: Parts = { re: first, im: second };
      let real: Tensor | undefined;
      axes.forEach(({ axis, n }, i) => {
        const table = rest[i];
        if (i === axes.length - 1) {
          const half = mapParts(parts, (part) => resized(part, axis, Math.floor(n / 2) + 1));
          real = fromHalf(half, axis, n, rest.slice(i), scale);
        } else if (table) {
          const whole = mapParts(parts, (part) => resized(part, axis, n));
          parts = fourier(whole, table, { axis, inverse: true, scale: 1 });
        }
      });
      return real ? [real] : [];
    },
  );
  if (!result) throw new Error('unreachable');
  return result;
}

/**
 * The Fourier transform of real numbers along an axis: elements k = 0, ..., floor(n / 2) of `fft`, the
 * others being conjugates of these. For an even n it takes half the time of `fft`.
 *
 * @throws ShapeError when there is no such axis, or it is empty and n is left out.
 * @throws TypeError when x is a pair of parts.
 */
export function rfft(x: TensorLike, options: FourierOptions = {}): Complex {
  return realAlong('fft.rfft', x, (shape) => oneAxis('fft.rfft', options, shape));
}

/**
 * The n real numbers that `rfft` makes x of. n is 2 (m - 1) for m elements when left out; give it where it
 * is odd. x is cut or filled up with zeros to floor(n / 2) + 1 elements; the imaginary parts of elements 0
 * and, for an even n, n / 2 do not count.
 *
 * @throws ShapeError when there is no such axis, n is left out and would be 0, or parts differ in shape.
 * @throws DTypeError when one part is float32 and the other float64.
 */
export function irfft(x: ComplexLike, options: FourierOptions = {}): Tensor {
  return toRealAlong('fft.irfft', x, (shape) => oneAxis('fft.irfft', options, shape));
}

/**
 * `rfft` along the last of two axes and `fft` along the other one, the last two axes unless said otherwise.
 *
 * @throws what `rfft` throws.
 */
export function rfft2(x: TensorLike, options: FourierAxesOptions = {}): Complex {
  return realAlong('fft.rfft2', x, (shape) => severalAxes('fft.rfft2', options, shape, 2));
}

/**
 * The inverse of `rfft2`; `shape` says how many elements the result has on each of the axes.
 *
 * @throws what `irfft` throws.
 */
export function irfft2(x: ComplexLike, options: FourierAxesOptions = {}): Tensor {
  return toRealAlong('fft.irfft2', x, (shape) => severalAxes('fft.irfft2', options, shape, 2));
}

/**
 * `rfft` along the last of the axes and `fft` along the others; all axes unless said otherwise.
 *
 * @throws what `rfft` throws.
 */
export function rfftn(x: TensorLike, options: FourierAxesOptions = {}): Complex {
  return realAlong('fft.rfftn', x, (shape) => severalAxes('fft.rfftn', options, shape));
}

/**
 * The inverse of `rfftn`; `shape` says how many elements the result has on each of the axes.
 *
 * @throws what `irfft` throws.
 */
export function irfftn(x: ComplexLike, options: FourierAxesOptions = {}): Tensor {
  return toRealAlong('fft.irfftn', x, (shape) => severalAxes('fft.irfftn', options, shape));
}
