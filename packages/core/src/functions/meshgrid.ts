import { checkChoice, checkList, checkOptions } from '../tensor/check.ts';
import type { TensorLike } from '../tensor/methods.ts';
import { formatShape, ShapeError } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { broadcastTo, reshape } from './shape.ts';
import { asTensor } from './tensor.ts';

/** How the axes of a grid are ordered. */
export interface MeshgridOptions {
  /** `xy` lets the second axis follow the first vector, as in pictures; `ij` the first. `xy` when left out. */
  readonly indexing?: 'xy' | 'ij';
}

/**
 * The coordinates of the points of a grid, one tensor for each vector of its axes: for [n] and [m], two of shape
 * [m, n], or [n, m] with `indexing: 'ij'`. Further axes follow in order.
 *
 * @throws ShapeError when one is no vector.
 */
export function meshgrid(vectors: readonly TensorLike[], options: MeshgridOptions = {}): Tensor[] {
  checkList('meshgrid', 'the first argument', vectors);
  checkOptions('meshgrid', options, ['indexing']);
  const { indexing = 'xy' } = options;
  checkChoice('meshgrid', 'indexing', indexing, ['xy', 'ij']);
  const made = vectors.map((each, i) => {
    const vector = asTensor(each, 'meshgrid', `vector ${i}`);
    if (vector.ndim === 1) return vector;
    throw new ShapeError(
      `meshgrid: vector ${i} has shape ${formatShape(vector.shape)}; it needs one axis.`,
    );
  });
  const place = (i: number): number => (indexing === 'xy' && i < 2 && made.length > 1 ? 1 - i : i);
  const shape = made.map((_, axis) => made[place(axis)]?.size ?? 0);
  return made.map((vector, i) => {
    const along = shape.map((extent, axis) => (axis === place(i) ? extent : 1));
    return broadcastTo(reshape(vector, along), shape);
  });
}
