import { checkList, checkNumber } from '../tensor/check.ts';
import type { ReduceOptions, TensorLike } from '../tensor/methods.ts';
import { formatShape, normalizeAxes, ShapeError, sizeOf } from '../tensor/shape.ts';
import { fromData, type Tensor } from '../tensor/tensor.ts';
import { performOne } from '../trace/trace.ts';
import {
  add,
  eq,
  gt,
  isinf,
  isnan,
  logicalAnd,
  logicalNot,
  mul,
  sub,
  where,
} from './elementwise.ts';
import { take } from './index-by-tensor.ts';
import { toFloat } from './promote.ts';
import { checkReduce } from './reduce.ts';
import { at, expandDims, moveAxis, reshape, transpose } from './shape.ts';
import { sort } from './sort.ts';
import { tensor } from './tensor.ts';

/**
 * The value below which a fraction q of the elements lies, along an axis, several or all of them: that at position
 * q (n - 1) of the n sorted ones, on a straight line between two of them. Several fractions give as many values along a new
 * first axis. Integers give float64; NaN among the elements gives NaN. The derivative goes to the elements that the value
 * lies between.
 *
 * @param q one fraction, or a list of them, from 0 to 1.
 * @throws ShapeError over no elements.
 * @throws RangeError when a fraction lies outside [0, 1].
 * @see R. J. Hyndman and Y. Fan, Sample Quantiles in Statistical Packages (1996), definition 7.
 */
export function quantile(
  x: TensorLike,
  q: number | readonly number[],
  options: ReduceOptions = {},
): Tensor {
  if (typeof q === 'number') return at(quantiles('quantile', x, [q], options), 0);
  checkList('quantile', 'q', q);
  return quantiles('quantile', x, q, options);
}

/**
 * The middle element along an axis, several or all of them, or the mean of the middle two; see `quantile`.
 *
 * @throws ShapeError over no elements.
 */
export function median(x: TensorLike, options: ReduceOptions = {}): Tensor {
  return at(quantiles('median', x, [0.5], options), 0);
}

function quantiles(
  name: string,
  x: TensorLike,
  fractions: readonly number[],
  options: ReduceOptions,
): Tensor {
  checkReduce(name, options);
  for (const q of fractions) {
    checkNumber(name, 'q', q);
    if (q >= 0 && q <= 1) continue;
    throw new RangeError(`${name}: q is a fraction from 0 to 1; it is ${q}.`);
  }
  const made = toFloat(x, name);
  const axes = normalizeAxes(name, options.axis, made.shape);
  const kept = made.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const count = sizeOf(axes.map((axis) => made.shape[axis] ?? 1));
  if (count === 0) {
    throw new ShapeError(`${name}: there are no elements in shape ${formatShape(made.shape)}.`);
  }
  const { keepdims = false } = options;
  return performOne(quantile, [made], { fractions, axes, keepdims }, (given) => {
    const outside = kept.map((axis) => given.shape[axis] ?? 1);
    const rows = reshape(transpose(given, [...kept, ...axes]), [...outside, count]);
    const sorted = sort(rows, { axis: -1 });
    const places = fractions.map((q) => q * (count - 1));
    const taken = (round: (place: number) => number): Tensor =>
      take(sorted, fromIntegers(places.map(round)), { axis: -1 });
    const [low, high] = [taken(Math.floor), taken(Math.ceil)];
    const share = tensor(
      places.map((place) => place - Math.floor(place)),
      { dtype: given.dtype },
    );
    // At an element no line is needed, and between two equal infinities there is none.
    const flat = logicalAnd(isinf(low), eq(low, high));
    const along = logicalAnd(gt(share, 0), logicalNot(flat));
    const above = where(along, mul(sub(high, low), share), 0);
    // NaN comes last.
    const spoiled = isnan(at(sorted, ...outside.map(() => null), [-1, null]));
    const values = moveAxis(where(spoiled, Number.NaN, add(low, above)), -1, 0);
    return keepdims
      ? expandDims(
          values,
          axes.map((axis) => axis + 1),
        )
      : values;
  });
}

function fromIntegers(places: readonly number[]): Tensor {
  return fromData('int32', [places.length], Int32Array.from(places));
}
