import { cast } from '../primitives/cast.ts';
import * as primitives from '../primitives/extremum-position.ts';
import { checkOptions } from '../tensor/check.ts';
import type { TensorLike } from '../tensor/methods.ts';
import { normalizeAxis } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { expandDims, reshape } from './shape.ts';
import { asTensor } from './tensor.ts';

/** Where to look for an extremum. */
export interface PositionOptions {
  /** Axis to search along; all elements, in row-major order, when left out. */
  readonly axis?: number;
  /** Whether the axis stays, with extent 1. */
  readonly keepdims?: boolean;
}

function over(
  name: string,
  rule: (x: Tensor, params: { axis: number }) => Tensor,
  x: TensorLike,
  options: PositionOptions,
): Tensor {
  checkOptions(name, options, ['axis', 'keepdims']);
  const { axis, keepdims = false } = options;
  const given = asTensor(x, name);
  const made = given.dtype === 'bool' ? cast(given, { dtype: 'int32' }) : given;
  if (axis === undefined) {
    const position = rule(reshape(made, [made.size]), { axis: 0 });
    return keepdims
      ? reshape(
          position,
          made.shape.map(() => 1),
        )
      : position;
  }
  const along = normalizeAxis(name, axis, made.shape);
  const position = rule(made, { axis: along });
  return keepdims ? expandDims(position, along) : position;
}

/**
 * Position of the largest element as int32: the first of equal ones; NaN counts as the largest.
 *
 * @throws ShapeError when there are no elements to choose from.
 */
export function argmax(x: TensorLike, options: PositionOptions = {}): Tensor {
  return over('argmax', primitives.argmax, x, options);
}

/**
 * Position of the smallest element as int32: the first of equal ones; NaN counts as the smallest.
 *
 * @throws ShapeError when there are no elements to choose from.
 */
export function argmin(x: TensorLike, options: PositionOptions = {}): Tensor {
  return over('argmin', primitives.argmin, x, options);
}
