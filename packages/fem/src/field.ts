import { broadcastTo, ShapeError, type Tensor, type TensorLike, tensor } from '@grad/core';

/** A quantity in space: one number, or a function of coordinates (tensors of one shape). */
export type Field = TensorLike | ((x: Tensor, y: Tensor) => TensorLike);

/** A quantity that is the same in each element: one number, or one for each element. */
export type ElementField = TensorLike;

/** Values of a field at points. */
export function fieldAt(name: string, field: Field, x: Tensor, y: Tensor): Tensor {
  const isFunction = typeof field === 'function';
  const values = tensor(isFunction ? field(x, y) : field, { dtype: 'float64' });
  const { shape } = values;
  if (shape.length === 0 || (isFunction && shape.join() === x.shape.join())) {
    return broadcastTo(values, x.shape);
  }
  throw new ShapeError(
    isFunction
      ? `${name}: the function of coordinates of shape [${x.shape.join(', ')}] gives shape [${shape.join(', ')}]; it must keep the shape, or give one number.`
      : `${name} has shape [${shape.join(', ')}]; one number is needed, or a function of coordinates.`,
  );
}

/** Values of a field for each element. */
export function elementValues(name: string, field: ElementField, count: number): Tensor {
  const values = tensor(field, { dtype: 'float64' });
  if (values.ndim === 0 || (values.ndim === 1 && values.size === count)) {
    return broadcastTo(values, [count]);
  }
  throw new ShapeError(
    `${name} has shape [${values.shape.join(', ')}]; one number is needed, or one for each of ${count} elements.`,
  );
}
