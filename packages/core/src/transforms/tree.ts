import { concatenate, reshape } from '../functions/shape.ts';
import { zeros } from '../primitives/create.ts';
import { slice } from '../primitives/slice.ts';
import { unflatten } from '../program/tree.ts';
import { DTypeError, formatShape, ShapeError } from '../tensor/shape.ts';
import { type Tensor, typeOf } from '../tensor/tensor.ts';
import { tensorType } from '../tensor/type.ts';
import { flattenTensors } from './trace-tree.ts';
import type { Traced } from './types.ts';

/**
 * All elements of a tree as one vector, leaf after leaf (keys in alphabetical order), and the
 * function that puts such a vector back into the structure. Both can be differentiated.
 *
 * @throws DTypeError when the leaves are not of one dtype.
 */
export function ravel<const X>(tree: X): [vector: Tensor, unravel: (vector: Tensor) => Traced<X>] {
  const [leaves, treedef] = flattenTensors(tree);
  const types = leaves.map(typeOf);
  const [first = tensorType('float64', [])] = types;
  const other = types.find(({ dtype }) => dtype !== first.dtype);
  if (other) {
    throw new DTypeError(
      `ravel: leaves are ${first.dtype} and ${other.dtype}; a vector has one dtype. Convert them with astype.`,
    );
  }
  const flat = leaves.map((leaf) => reshape(leaf, [leaf.size]));
  const vector = flat.length > 0 ? concatenate(flat) : zeros(tensorType('float64', [0]));
  const unravel = (given: Tensor): Traced<X> => {
    if (given.ndim !== 1 || given.size !== vector.size) {
      throw new ShapeError(
        `unravel: the tree has ${vector.size} elements; a vector of that length is needed, not ${formatShape(given.shape)}.`,
      );
    }
    let start = 0;
    const parts = leaves.map((leaf) => {
      const part = slice(given, { start: [start], extents: [leaf.size], step: [1] });
      start += leaf.size;
      return reshape(part, leaf.shape);
    });
    return unflatten<Traced<X>>(treedef, parts);
  };
  return [vector, unravel];
}
