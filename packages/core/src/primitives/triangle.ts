import type { Tensor } from '../tensor/tensor.ts';
import { type TensorType, tensorType } from '../tensor/type.ts';
import { add } from './arithmetic.ts';
import { broadcast } from './broadcast.ts';
import { cast } from './cast.ts';
import { eq, ge, le } from './compare.ts';
import { filled, iota, zeros } from './create.ts';
import { select } from './select.ts';

/** Numbers along one of the last two axes, in the shape of a matrix. */
function positions(rows: number, columns: number, axis: 0 | 1): Tensor {
  const numbers = iota([], { size: axis === 0 ? rows : columns, dtype: 'int32' });
  return broadcast(numbers, { shape: [rows, columns], axes: [axis] });
}

/** Where the column is to the row, moved by `offset`, as the comparison says. */
function mask(type: TensorType, compare: typeof eq, offset: number): Tensor {
  const [rows = 0, columns = 0] = type.shape.slice(-2);
  const matrix = tensorType('int32', [rows, columns]);
  const row = add(positions(rows, columns, 0), filled(matrix, offset));
  const inside = compare(positions(rows, columns, 1), row);
  const { shape } = type;
  return broadcast(inside, { shape, axes: [shape.length - 2, shape.length - 1] });
}

/** A matrix, or a batch of them, with zeros above diagonal `offset` (counted to the right). */
export function lowerTriangle(x: Tensor, offset = 0): Tensor {
  const type = tensorType(x.dtype, x.shape);
  return select(mask(type, le, offset), x, zeros(type));
}

/** The same with zeros below the diagonal. */
export function upperTriangle(x: Tensor, offset = 0): Tensor {
  const type = tensorType(x.dtype, x.shape);
  return select(mask(type, ge, offset), x, zeros(type));
}

/** Identity matrices of a type. */
export function identities(type: TensorType, offset = 0): Tensor {
  return cast(mask(type, eq, offset), { dtype: type.dtype });
}
