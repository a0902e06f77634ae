import * as primitives from '../primitives/searchsorted.ts';
import { checkChoice, checkOptions } from '../tensor/check.ts';
import type { TensorLike } from '../tensor/methods.ts';
import { formatShape, ShapeError } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { promote } from './promote.ts';

/**
 * Where values belong in a sorted vector, as int32 of the shape of the values: with side `left`, how
 * many elements are less than the value; with `right`, how many are not greater. NaN belongs behind
 * everything, as in `sort`. The derivative is 0.
 *
 * @param sorted vector in rising order; when it is not, places are unspecified, from 0 to its length
 * @throws ShapeError when `sorted` is not a vector.
 */
export function searchsorted(
  sorted: TensorLike,
  values: TensorLike,
  options: { side?: 'left' | 'right' } = {},
): Tensor {
  checkOptions('searchsorted', options, ['side']);
  const { side = 'left' } = options;
  checkChoice('searchsorted', 'the side', side, ['left', 'right']);
  const [line, wanted] = promote('searchsorted', [sorted, values]);
  if (!line || !wanted) throw new Error('unreachable');
  if (line.ndim !== 1) {
    throw new ShapeError(
      `searchsorted: the sorted elements have shape ${formatShape(line.shape)}; they must be a vector. Use vmap to search several.`,
    );
  }
  return primitives.searchsorted(line, wanted, { batch: 0, side });
}
