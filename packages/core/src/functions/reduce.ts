import { mul } from '../primitives/arithmetic.ts';
import { cast } from '../primitives/cast.ts';
import {
  type ReduceParams,
  reduceAll,
  reduceAny,
  reduceMax,
  reduceMin,
  reduceSum,
} from '../primitives/reduce.ts';
import { checkOptions } from '../tensor/check.ts';
import type { ReduceOptions, TensorLike } from '../tensor/methods.ts';
import { normalizeAxes } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { performOne } from '../trace/trace.ts';
import { ones } from './create.ts';
import { div } from './elementwise.ts';
import { toFloat } from './promote.ts';
import { type AxisIndex, at, concatenate, moveAxis, reshape } from './shape.ts';
import { asTensor } from './tensor.ts';

/** Refuses options of a reduction that are none. */
export function checkReduce(name: string, options: ReduceOptions): void {
  checkOptions(name, options, ['axis', 'keepdims']);
}

function over(
  name: string,
  rule: (x: Tensor, params: ReduceParams) => Tensor,
  x: Tensor,
  options: ReduceOptions,
): Tensor {
  checkReduce(name, options);
  const { axis, keepdims = false } = options;
  const axes = normalizeAxes(name, axis, x.shape);
  if (!keepdims) return rule(x, { axes });
  return performOne(rule, [x], { axes, keepdims }, (terms) =>
    reshape(
      rule(terms, { axes }),
      terms.shape.map((extent, i) => (axes.includes(i) ? 1 : extent)),
    ),
  );
}

/** Sum; bool counts as int32. Float sums are pairwise. */
export function sum(x: TensorLike, options: ReduceOptions = {}): Tensor {
  const made = asTensor(x, 'sum');
  const terms = made.dtype === 'bool' ? cast(made, { dtype: 'int32' }) : made;
  return over('sum', reduceSum, terms, options);
}

/** Arithmetic mean; integers give float64. NaN over no elements. */
export function mean(x: TensorLike, options: ReduceOptions = {}): Tensor {
  checkReduce('mean', options);
  return performOne(mean, [toFloat(x, 'mean')], { ...options }, (made) => {
    const count = normalizeAxes('mean', options.axis, made.shape).reduce(
      (product, axis) => product * (made.shape[axis] ?? 1),
      1,
    );
    return div(sum(made, options), count);
  });
}

/** Largest element; NaN when one is NaN; ties share the derivative. */
export function max(x: TensorLike, options: ReduceOptions = {}): Tensor {
  return over('max', reduceMax, asTensor(x, 'max'), options);
}

/** Smallest element; NaN when one is NaN; ties share the derivative. */
export function min(x: TensorLike, options: ReduceOptions = {}): Tensor {
  return over('min', reduceMin, asTensor(x, 'min'), options);
}

function toMask(name: string, x: TensorLike): Tensor {
  const made = asTensor(x, name);
  return made.dtype === 'bool' ? made : cast(made, { dtype: 'bool' });
}

/** Whether all elements are true; of numbers, whether none is 0. */
export function all(x: TensorLike, options: ReduceOptions = {}): Tensor {
  return over('all', reduceAll, toMask('all', x), options);
}

/** Whether any element is true; of numbers, whether one is not 0. */
export function any(x: TensorLike, options: ReduceOptions = {}): Tensor {
  return over('any', reduceAny, toMask('any', x), options);
}

/** Product, by halving; its derivative is the product of the others, also where elements are 0. */
export function prod(x: TensorLike, options: ReduceOptions = {}): Tensor {
  checkReduce('prod', options);
  return performOne(prod, [asTensor(x, 'prod')], { ...options }, (made) =>
    byHalving(made, options),
  );
}

function byHalving(made: Tensor, { axis, keepdims = false }: ReduceOptions): Tensor {
  const axes = normalizeAxes('prod', axis, made.shape);
  const rest = made.shape.filter((_, i) => !axes.includes(i));
  const last = axes.reduce((t, a, k) => moveAxis(t, a - k, -1), made);
  const count = axes.reduce((product, a) => product * (made.shape[a] ?? 1), 1);
  let factors = reshape(last, [...rest, count]);
  if (count === 0) factors = ones([...rest, 1], { dtype: made.dtype });
  for (let n = Math.max(count, 1); n > 1; n = Math.ceil(n / 2)) {
    const half = Math.floor(n / 2);
    const along = (from: number, to: number): Tensor =>
      at(factors, ...rest.map((): AxisIndex => null), [from, to]);
    const products = mul(along(0, half), along(half, 2 * half));
    factors = n % 2 === 0 ? products : concatenate([products, along(n - 1, n)], { axis: -1 });
  }
  const kept = made.shape.map((extent, i) => (axes.includes(i) ? 1 : extent));
  return reshape(factors, keepdims ? kept : rest);
}
