import { isTensor, ShapeError, type Tensor, type TensorLike, tensor } from '@grad/core';

/** Float types of parameters. */
export type FloatDType = 'float64' | 'float32';

/**
 * A parameter, which must be there and have its shape.
 *
 * @throws TypeError or ShapeError that says what the layer needs.
 */
export function parameter(
  name: string,
  params: unknown,
  key: string,
  shape: readonly number[],
): Tensor {
  const found: unknown = typeof params === 'object' && params !== null && Reflect.get(params, key);
  if (!isTensor(found)) {
    throw new TypeError(
      `${name}: the parameters have no tensor '${key}'; they are what init(key) of this layer gives.`,
    );
  }
  if (found.shape.length === shape.length && found.shape.every((n, i) => n === shape[i])) {
    return found;
  }
  throw new ShapeError(
    `${name}: the parameter '${key}' has shape [${found.shape.join(', ')}]; this layer needs [${shape.join(', ')}]. Use what init(key) of the same layer gives.`,
  );
}

/** x in the dtype of the parameters. */
export function inDtypeOf(parameter: Tensor, x: TensorLike): Tensor {
  const made = isTensor(x) ? x : tensor(x);
  return made.dtype === parameter.dtype ? made : made.astype(parameter.dtype);
}

/** x as a tensor. */
export function asInput(x: TensorLike): Tensor {
  return isTensor(x) ? x : tensor(x);
}

/** Refuses what is no whole number of at least `least`. */
export function checkCount(name: string, what: string, value: unknown, least = 1): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least) return;
  throw new RangeError(
    `${name}: ${what} must be a whole number of ${least} or more; it is ${typeof value === 'number' ? value : typeof value}.`,
  );
}

/** The shape of x, for messages. */
export function shapeOf(x: Tensor): string {
  return `[${x.shape.join(', ')}]`;
}
