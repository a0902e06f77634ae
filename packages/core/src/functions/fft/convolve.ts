import { smoothLength } from '../../primitives/fourier-plan.ts';
import { checkChoice, checkOptions, checkWhole } from '../../tensor/check.ts';
import type { TensorLike } from '../../tensor/methods.ts';
import { formatShape, normalizeAxes, type Shape, ShapeError } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { mul } from '../complex.ts';
import { promote, toFloat } from '../promote.ts';
import { type AxisRange, at } from '../shape.ts';
import { irfftn, rfftn } from './real-transforms.ts';

/** What of a convolution is wanted. */
export interface FftConvolveOptions {
  /**
   * `full`, all sums of products; `same`, as many as x has elements, from the middle; `valid`, those with
   * all of the elements of y. `full` when left out.
   */
  readonly mode?: 'full' | 'same' | 'valid';
  /** Axes to convolve along, all when left out; the other extents agree, or are 1. */
  readonly axes?: number | readonly number[];
}

/**
 * The least number of elements, n or more, that is transformed without a detour: 2^a times 1, 3, 5, 9,
 * 15, 25, 27 or 45.
 *
 * @throws RangeError when n is no whole number >= 1.
 */
export function fastLength(n: number): number {
  checkWhole('fft.fastLength', 'n', n, 1);
  return smoothLength(n);
}

function checkShapes(x: Shape, y: Shape, axes: readonly number[], mode: string): void {
  const got = `got ${formatShape(x)} and ${formatShape(y)}`;
  const others = x.every(
    (extent, i) => axes.includes(i) || extent === y[i] || extent === 1 || y[i] === 1,
  );
  if (x.length !== y.length || x.length === 0 || !others) {
    throw new ShapeError(
      `fft.fftconvolve: operands have equally many axes, with equal extents where they are not convolved; ${got}.`,
    );
  }
  if (axes.length === 0) throw new ShapeError('fft.fftconvolve: axes is empty; name one at least.');
  if (axes.some((axis) => x[axis] === 0 || y[axis] === 0)) {
    throw new ShapeError(`fft.fftconvolve: an operand has no elements on an axis; ${got}.`);
  }
  if (mode === 'valid' && axes.some((axis) => (x[axis] ?? 0) < (y[axis] ?? 0))) {
    throw new ShapeError(
      `fft.fftconvolve: with mode 'valid', x is at least as large as y on each of the axes; ${got}.`,
    );
  }
}

/**
 * The convolution of real x and y, sum over j of x[j] y[k - j], by Fourier transforms: for long x and y
 * the fast way, with errors relative to the largest of the sums.
 *
 * @throws ShapeError when the shapes do not fit each other, or y is too large for `valid`.
 */
export function fftconvolve(
  x: TensorLike,
  y: TensorLike,
  options: FftConvolveOptions = {},
): Tensor {
  const name = 'fft.fftconvolve';
  const [first, second] = promote(name, [x, y]).map((operand) => toFloat(operand));
  if (!first || !second) throw new Error('unreachable');
  checkOptions(name, options, ['mode', 'axes']);
  const { mode = 'full' } = options;
  checkChoice(name, 'mode', mode, ['full', 'same', 'valid']);
  const axes = normalizeAxes(name, options.axes, first.shape);
  checkShapes(first.shape, second.shape, axes, mode);
  const extents = axes.map((axis) => [first.shape[axis] ?? 0, second.shape[axis] ?? 0] as const);
  const shape = extents.map(([m, n]) => smoothLength(m + n - 1));
  const spectrum = mul(rfftn(first, { shape, axes }), rfftn(second, { shape, axes }));
  const whole = irfftn(spectrum, { shape, axes });
  const parts = extents.map(([m, n]): AxisRange => {
    if (mode === 'valid') return [n - 1, m];
    const from = mode === 'same' ? Math.floor((n - 1) / 2) : 0;
    return [from, from + (mode === 'same' ? m : m + n - 1)];
  });
  return at(whole, ...whole.shape.map((_, i) => parts[axes.indexOf(i)] ?? null));
}
