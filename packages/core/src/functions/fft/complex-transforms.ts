import { neg } from '../../primitives/arithmetic.ts';
import { fourier } from '../../primitives/fourier.ts';
import { mapParts, type Parts } from '../../primitives/fourier-transform.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { perform } from '../../trace/trace.ts';
import { type Complex, type ComplexLike, toMaybeReal } from '../complex-pair.ts';
import { halfTables, toHalf } from './half-spectrum.ts';
import { along, joined, resized } from './lines.ts';
import {
  type FourierAxes,
  type FourierAxesOptions,
  type FourierOptions,
  lengthOn,
  oneAxis,
  scaleOf,
  severalAxes,
} from './options.ts';
import { fourierTable } from './tables.ts';

/** Names by which calls outside of traces are told apart. */
const operations = new Map<string, { readonly name: string }>();

/** The operation of a name, one object for each. */
export function operationOf(name: string): { readonly name: string } {
  const known = operations.get(name) ?? { name };
  operations.set(name, known);
  return known;
}

/** The whole transform of real numbers along an axis, the half that is not computed mirrored. */
function ofReal(
  x: Tensor,
  axis: number,
  tables: readonly Tensor[],
  inverse: boolean,
  scale: number,
): Parts {
  const n = x.shape[axis] ?? 0;
  const half = toHalf(x, axis, tables, scale);
  const rest = (part: Tensor): Tensor =>
    along(part, axis, Math.ceil(n / 2) - 1, Math.ceil(n / 2) - 1, -1);
  const re = joined(axis, half.re, rest(half.re));
  const im = inverse
    ? joined(axis, neg(half.im), rest(half.im))
    : joined(axis, half.im, neg(rest(half.im)));
  return { re, im };
}

/** The transform along several axes, the last one first. */
function transformAlong(
  name: string,
  x: ComplexLike,
  inverse: boolean,
  axesOf: (shape: readonly number[]) => FourierAxes,
): Complex {
  const { re, im } = toMaybeReal(name, x);
  const { along: wanted, norm } = axesOf(re.shape);
  const axes = wanted
    .map((each) => ({ axis: each.axis, n: lengthOn(name, each, re.shape) }))
    .reverse();
  const scale = scaleOf(
    norm,
    inverse,
    axes.map(({ n }) => n),
  );
  const { dtype } = re;
  const tables = axes.map(({ n }, i) =>
    im === undefined && i === 0 ? halfTables(n, dtype) : [fourierTable(n, dtype)],
  );
  const given = im === undefined ? [re] : [re, im];
  const counts = tables.map(({ length }) => length);
  const [first, second] = perform(
    operationOf(name),
    [...given, ...tables.flat()],
    { axes, inverse, scale, parts: given.length },
    (...operands) => {
      const queue = operands.slice(given.length);
      const [real, imaginary] = operands;
      if (!real) throw new Error('unreachable');
      let parts: Parts | undefined =
        given.length === 2 && imaginary ? { re: real, im: imaginary } : undefined;
      axes.forEach(({ axis, n }, i) => {
        const own = queue.splice(0, counts[i]);
        const [table] = own;
        const by = i === 0 ? scale : 1;
        if (!table) throw new Error('unreachable');
        parts = parts
          ? fourier(
              mapParts(parts, (part) => resized(part, axis, n)),
              table,
              { axis, inverse, scale: by },
            )
          : ofReal(resized(real, axis, n), axis, own, inverse, by);
      });
      if (!parts) throw new Error('unreachable');
      return [parts.re, parts.im];
    },
  );
  if (!first || !second) throw new Error('unreachable');
  return { re: first, im: second };
}

/**
 * The discrete Fourier transform along an axis, X[k] = sum over j of x[j] exp(-2 pi i j k / n), for any
 * length n; complex numbers of the shape of x, with n elements on the axis. The whole spectrum of real x
 * is computed at about half the cost, and `rfft` gives the half that matters.
 *
 * Lengths with small factors take O(n log n) by the methods of Cooley and Tukey (1965) and Stockham, others
 * too, by Bluestein's (1970). Errors grow like the rounding unit times the root of log n.
 *
 * @throws ShapeError when there is no such axis, it is empty and n is left out, or parts differ in shape.
 * @throws DTypeError when one part is float32 and the other float64.
 */
export function fft(x: ComplexLike, options: FourierOptions = {}): Complex {
  return transformAlong('fft.fft', x, false, (shape) => oneAxis('fft.fft', options, shape));
}

/**
 * The inverse of `fft`, x[j] = 1/n times the sum over k of X[k] exp(2 pi i j k / n).
 *
 * @throws what `fft` throws.
 */
export function ifft(x: ComplexLike, options: FourierOptions = {}): Complex {
  return transformAlong('fft.ifft', x, true, (shape) => oneAxis('fft.ifft', options, shape));
}

/**
 * `fft` along two axes, the last two unless said otherwise.
 *
 * @throws what `fft` throws.
 */
export function fft2(x: ComplexLike, options: FourierAxesOptions = {}): Complex {
  return transformAlong('fft.fft2', x, false, (shape) =>
    severalAxes('fft.fft2', options, shape, 2),
  );
}

/**
 * The inverse of `fft2`.
 *
 * @throws what `fft` throws.
 */
export function ifft2(x: ComplexLike, options: FourierAxesOptions = {}): Complex {
  return transformAlong('fft.ifft2', x, true, (shape) =>
    severalAxes('fft.ifft2', options, shape, 2),
  );
}

/**
 * `fft` along any number of axes: all, or as many of the last as `shape` has extents, unless said
 * otherwise.
 *
 * @throws what `fft` throws.
 */
export function fftn(x: ComplexLike, options: FourierAxesOptions = {}): Complex {
  return transformAlong('fft.fftn', x, false, (shape) => severalAxes('fft.fftn', options, shape));
}

/**
 * The inverse of `fftn`.
 *
 * @throws what `fft` throws.
 */
export function ifftn(x: ComplexLike, options: FourierAxesOptions = {}): Complex {
  return transformAlong('fft.ifftn', x, true, (shape) => severalAxes('fft.ifftn', options, shape));
}
