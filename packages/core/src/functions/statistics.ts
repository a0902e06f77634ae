import { stopped } from '../primitives/stop-gradient.ts';
import type { ReduceOptions, TensorLike } from '../tensor/methods.ts';
import { formatShape, normalizeAxes, ShapeError } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { abs, div, exp, log, lt, sqrt, square, sub, where } from './elementwise.ts';
import { toFloat } from './promote.ts';
import { max, mean, sum } from './reduce.ts';
import { reshape } from './shape.ts';

/** Axes of a spread, and what is taken off the number of elements: 1 for a sample's variance. */
export interface VarianceOptions extends ReduceOptions {
  readonly ddof?: number;
}

function extentOf(name: string, x: Tensor, { axis }: ReduceOptions): number {
  return normalizeAxes(name, axis, x.shape).reduce((n, i) => n * (x.shape[i] ?? 1), 1);
}

/** Mean squared distance from the mean, in two passes; integers give float64. */
export function variance(x: TensorLike, { ddof = 0, ...options }: VarianceOptions = {}): Tensor {
  const made = toFloat(x);
  const centered = sub(made, mean(made, { ...options, keepdims: true }));
  return div(sum(square(centered), options), extentOf('variance', made, options) - ddof);
}

/** Square root of the variance. */
export function std(x: TensorLike, options: VarianceOptions = {}): Tensor {
  return sqrt(variance(x, options));
}

/** The largest elements, kept as axes of extent 1; 0 where they are infinite or NaN. */
function shiftOf(name: string, x: Tensor, { axis }: ReduceOptions): Tensor {
  if (extentOf(name, x, { axis: axis ?? null }) === 0) {
    throw new ShapeError(
      `${name}: there are no elements to reduce in shape ${formatShape(x.shape)}.`,
    );
  }
  const top = stopped(max(x, { axis: axis ?? null, keepdims: true }));
  return where(lt(abs(top), Number.POSITIVE_INFINITY), top, 0);
}

/**
 * log(sum(exp(x))), without overflow.
 *
 * @throws ShapeError over no elements.
 */
export function logsumexp(x: TensorLike, options: ReduceOptions = {}): Tensor {
  const made = toFloat(x);
  const shift = shiftOf('logsumexp', made, options);
  const total = sum(exp(sub(made, shift)), { axis: options.axis ?? null, keepdims: true });
  const result = log(total).add(shift);
  if (options.keepdims) return result;
  const axes = normalizeAxes('logsumexp', options.axis, made.shape);
  return reshape(
    result,
    made.shape.filter((_, axis) => !axes.includes(axis)),
  );
}

/** exp(x) divided by its sum along an axis, the last one unless said otherwise. */
export function softmax(x: TensorLike, { axis = -1 }: { axis?: number } = {}): Tensor {
  const made = toFloat(x);
  const weights = exp(sub(made, shiftOf('softmax', made, { axis })));
  return div(weights, sum(weights, { axis, keepdims: true }));
}

/** The logarithm of `softmax`, accurate where that vanishes. */
export function logSoftmax(x: TensorLike, { axis = -1 }: { axis?: number } = {}): Tensor {
  const made = toFloat(x);
  const shifted = sub(made, shiftOf('logSoftmax', made, { axis }));
  return sub(shifted, log(sum(exp(shifted), { axis, keepdims: true })));
}
