import { stopped } from '../primitives/stop-gradient.ts';
import { checkFinite, checkOptions } from '../tensor/check.ts';
import type { ReduceOptions, TensorLike } from '../tensor/methods.ts';
import { formatShape, normalizeAxes, ShapeError } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { performOne } from '../trace/trace.ts';
import { abs, div, exp, log, lt, sqrt, square, sub, where } from './elementwise.ts';
import { toFloat } from './promote.ts';
import { checkReduce, max, mean, sum } from './reduce.ts';
import { reshape } from './shape.ts';

/** Axes of a spread, and what is taken off the number of elements: 1 for a sample's variance. */
export interface VarianceOptions extends ReduceOptions {
  readonly ddof?: number;
}

function extentOf(name: string, x: Tensor, { axis }: ReduceOptions): number {
  return normalizeAxes(name, axis, x.shape).reduce((n, i) => n * (x.shape[i] ?? 1), 1);
}

/** Mean squared distance from the mean, in two passes; integers give float64. */
export function variance(x: TensorLike, options: VarianceOptions = {}): Tensor {
  return spread('variance', x, options);
}

function spread(name: 'variance' | 'std', x: TensorLike, given: VarianceOptions): Tensor {
  checkOptions(name, given, ['axis', 'keepdims', 'ddof']);
  const { ddof = 0, ...options } = given;
  checkFinite(name, 'ddof', ddof);
  return performOne(spread, [toFloat(x, name)], { ...given, name }, (made) => {
    const count = extentOf(name, made, options);
    const centered = sub(made, mean(made, { ...options, keepdims: true }));
    const result = div(sum(square(centered), options), count - ddof);
    return name === 'std' ? sqrt(result) : result;
  });
}

/** Square root of the variance. */
export function std(x: TensorLike, options: VarianceOptions = {}): Tensor {
  return spread('std', x, options);
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
  checkReduce('logsumexp', options);
  return performOne(logsumexp, [toFloat(x, 'logsumexp')], { ...options }, (made) => {
    const shift = shiftOf('logsumexp', made, options);
    const total = sum(exp(sub(made, shift)), { axis: options.axis ?? null, keepdims: true });
    const result = log(total).add(shift);
    if (options.keepdims) return result;
    const axes = normalizeAxes('logsumexp', options.axis, made.shape);
    return reshape(
      result,
      made.shape.filter((_, axis) => !axes.includes(axis)),
    );
  });
}

/** exp(x) divided by its sum along an axis, the last one unless said otherwise. */
export function softmax(x: TensorLike, options: { axis?: number } = {}): Tensor {
  checkOptions('softmax', options, ['axis']);
  const { axis = -1 } = options;
  return performOne(softmax, [toFloat(x, 'softmax')], { axis }, (made) => {
    const weights = exp(sub(made, shiftOf('softmax', made, { axis })));
    return div(weights, sum(weights, { axis, keepdims: true }));
  });
}

/** The logarithm of `softmax`, accurate where that vanishes. */
export function logSoftmax(x: TensorLike, options: { axis?: number } = {}): Tensor {
  checkOptions('logSoftmax', options, ['axis']);
  const { axis = -1 } = options;
  return performOne(logSoftmax, [toFloat(x, 'logSoftmax')], { axis }, (made) => {
    const shifted = sub(made, shiftOf('logSoftmax', made, { axis }));
    return sub(shifted, log(sum(exp(shifted), { axis, keepdims: true })));
  });
}
