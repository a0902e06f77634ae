import {
  broadcastTo,
  isConcrete,
  isTensor,
  log,
  logicalAnd,
  type Shape,
  ShapeError,
  type Tensor,
  type TensorLike,
  tensor,
  where,
} from '@grad/core';

/** The dtype that tensors among the operands have; float64 without one. */
function floatOf(operands: readonly TensorLike[]): 'float32' | 'float64' {
  const single = operands.some(
    (x) => (isTensor(x) && x.dtype === 'float32') || x instanceof Float32Array,
  );
  return single ? 'float32' : 'float64';
}

/** Parameters as floats of one shape. Plain numbers and lists take the dtype of the tensors. */
export function aligned(name: string, operands: readonly TensorLike[]): Tensor[] {
  const dtype = floatOf(operands);
  const made = operands.map((x) => {
    const converted = tensor(x);
    return isTensor(x) && x.dtype === 'float64' ? converted : converted.astype(dtype);
  });
  const shape = common(
    name,
    made.map((x) => x.shape),
  );
  return made.map((x) => broadcastTo(x, shape));
}

function common(name: string, shapes: readonly Shape[]): Shape {
  const ndim = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: ndim }, (_, axis) => {
    const extents = shapes.map((shape) => shape[axis - ndim + shape.length] ?? 1);
    const extent = extents.find((n) => n !== 1) ?? 1;
    if (extents.every((n) => n === 1 || n === extent)) return extent;
    throw new ShapeError(
      `${name}: parameters of shapes ${shapes.map((s) => `[${s.join(', ')}]`).join(' and ')} do not broadcast. ` +
        'Extents must be equal or 1, counted from the last axis.',
    );
  });
}

/** @throws RangeError when a number that is known is not positive and finite. */
export function checkPositive(name: string, what: string, values: Tensor): void {
  check(name, what, values, (x) => x > 0 && x < Number.POSITIVE_INFINITY, 'positive and finite');
}

/** @throws RangeError when a number that is known is not in [0, 1]. */
export function checkProbability(name: string, what: string, values: Tensor): void {
  check(name, what, values, (x) => x >= 0 && x <= 1, 'in [0, 1]');
}

function check(
  name: string,
  what: string,
  values: Tensor,
  holds: (x: number) => boolean,
  expected: string,
): void {
  if (!isConcrete(values)) return;
  const numbers = Array.from(values.dataSync(), Number);
  const wrong = numbers.findIndex((x) => !holds(x));
  if (wrong === -1) return;
  const where =
    values.ndim === 0 ? '' : ` at element ${wrong} of shape [${values.shape.join(', ')}]`;
  throw new RangeError(`${name}: ${what} must be ${expected}; it is ${numbers[wrong]}${where}.`);
}

/** x as a tensor of the dtype of the parameters. */
export function valueLike(parameter: Tensor, x: TensorLike): Tensor {
  const made = tensor(x);
  return isTensor(x) && made.dtype === 'float64' ? made : made.astype(parameter.dtype);
}

/** c log x, which is 0 where both are 0, with its derivative in c elsewhere. */
export function timesLog(c: Tensor, x: Tensor): Tensor {
  const none = logicalAnd(c.eq(0), x.eq(0));
  return where(none, 0, c.mul(log(where(none, 1, x))));
}

/** The float dtype of a parameter, for draws. */
export function drawDtype(parameter: Tensor): { readonly dtype: 'float32' | 'float64' } {
  return { dtype: parameter.dtype === 'float32' ? 'float32' : 'float64' };
}

/** Refuses a reparameterised draw. */
export function noPath(name: string, advice: string): never {
  throw new TypeError(
    `${name}.rsample: its draws are discrete and have no derivative in the parameters. ${advice}`,
  );
}

/** weight * x, which is 0 where the weight is 0 and x infinite. */
export function weighted(weight: Tensor, x: Tensor): Tensor {
  const none = logicalAnd(weight.eq(0), x.abs().eq(Number.POSITIVE_INFINITY));
  return where(none, 0, weight.mul(where(none, 0, x)));
}
