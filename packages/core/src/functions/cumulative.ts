import { cast } from '../primitives/cast.ts';
import { filled } from '../primitives/create.ts';
import * as primitives from '../primitives/cumulative.ts';
import { cumargmax, cumargmin } from '../primitives/extremum-position.ts';
import { checkOptions } from '../tensor/check.ts';
import type { TensorLike } from '../tensor/methods.ts';
import { normalizeAxis } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { tensorType } from '../tensor/type.ts';
import { gather } from './gather.ts';
import { type AxisIndex, at, concatenate } from './shape.ts';
import { asTensor } from './tensor.ts';

/** How to accumulate. */
export interface CumulativeOptions {
  /** Axis to go along, the first unless said otherwise; negative ones count from the last. */
  readonly axis?: number;
  /** Whether to begin with the last element; elements keep their places. */
  readonly reverse?: boolean;
}

interface Walk {
  readonly x: Tensor;
  readonly params: { readonly axis: number; readonly reverse: boolean };
}

/** The operand, bool as int32, and where to go. */
function walk(name: string, x: TensorLike, options: CumulativeOptions): Walk {
  checkOptions(name, options, ['axis', 'reverse']);
  const { axis = 0, reverse = false } = options;
  const made = asTensor(x, name);
  return {
    x: made.dtype === 'bool' ? cast(made, { dtype: 'int32' }) : made,
    params: { axis: normalizeAxis(name, axis, made.shape), reverse },
  };
}

/**
 * Running sums along an axis, the first element included; same shape as x, bool counts as int32.
 * Float sums carry their rounding errors along, so that the last one is as good as `sum`.
 */
export function cumsum(x: TensorLike, options: CumulativeOptions = {}): Tensor {
  const { x: terms, params } = walk('cumsum', x, options);
  return primitives.cumsum(terms, params);
}

/**
 * Running products along an axis, the first element included; same shape as x, bool counts as
 * int32. The derivatives are products of the other factors, also where factors are 0.
 */
export function cumprod(x: TensorLike, options: CumulativeOptions = {}): Tensor {
  const { x: factors, params } = walk('cumprod', x, options);
  const extent = factors.shape[params.axis] ?? 0;
  if (extent === 0) return factors;
  const part = params.reverse ? [extent - 1, extent] : [0, 1];
  const first = at(
    factors,
    ...factors.shape.map(
      (_, i): AxisIndex => (i === params.axis ? [part[0] ?? 0, part[1] ?? 1] : null),
    ),
  );
  // Adding -0 changes no number, and leaves the sign of a product that is zero.
  const rest = filled(tensorType(factors.dtype, factors.shape.with(params.axis, extent - 1)), -0);
  const terms = concatenate(params.reverse ? [rest, first] : [first, rest], { axis: params.axis });
  return primitives.recurrence(factors, terms, params);
}

/**
 * The largest element so far along an axis; NaN from the first NaN on. Of equal elements the one
 * that came first has the derivative.
 */
export function cummax(x: TensorLike, options: CumulativeOptions = {}): Tensor {
  const { x: made, params } = walk('cummax', x, options);
  return gather(made, cumargmax(made, params), { axis: params.axis });
}

/**
 * The smallest element so far along an axis; NaN from the first NaN on. Of equal elements the one
 * that came first has the derivative.
 */
export function cummin(x: TensorLike, options: CumulativeOptions = {}): Tensor {
  const { x: made, params } = walk('cummin', x, options);
  return gather(made, cumargmin(made, params), { axis: params.axis });
}
