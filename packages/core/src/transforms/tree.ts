import { concatenate, reshape } from '../functions/shape.ts';
import { asTensor } from '../functions/tensor.ts';
import { zeros } from '../primitives/create.ts';
import { slice } from '../primitives/slice.ts';
import {
  formatTree,
  isTreeDef,
  leafCount,
  unflatten as rebuild,
  sameTree,
  type TreeDef,
} from '../program/tree.ts';
import { checkFunction, checkList, describeValue } from '../tensor/check.ts';
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
    return rebuild<Traced<X>>(treedef, parts);
  };
  return [vector, unravel];
}

/** The tensors and numbers of a tree, in a fixed order: lists in theirs, objects by their keys. */
export function leaves(tree: unknown): Tensor[] {
  return flattenTensors(tree)[0];
}

/** The leaves of a tree and its structure, from which `unflatten` makes a tree again. */
export function flatten(tree: unknown): [leaves: Tensor[], structure: TreeDef] {
  return flattenTensors(tree);
}

/**
 * A tree of the given structure with other leaves; its type is up to the caller.
 *
 * @throws TypeError when there are not as many leaves as the structure needs.
 */
export function unflatten<T>(structure: TreeDef, given: readonly Tensor[]): T {
  if (!isTreeDef(structure)) {
    throw new TypeError(
      `tree.unflatten: the structure comes from tree.flatten; it is ${describeValue(structure)}.`,
    );
  }
  checkList('tree.unflatten', 'the leaves', given);
  const needed = leafCount(structure);
  if (given.length !== needed) {
    throw new TypeError(`tree.unflatten: ${needed} leaves are needed, ${given.length} were given.`);
  }
  return rebuild<T>(structure, given);
}

/**
 * f of each leaf of a tree, in its structure; with further trees of that structure, f of the
 * leaves at the same place.
 *
 * @throws TypeError when the structures differ.
 */
export function map<const X>(
  f: (leaf: Tensor, ...others: Tensor[]) => Tensor | number,
  tree: X,
  ...rest: readonly unknown[]
): Traced<X> {
  checkFunction('tree.map', 'the first argument', f);
  const [first, structure] = flattenTensors(tree);
  const others = rest.map((other) => {
    const [given, treedef] = flattenTensors(other);
    if (!sameTree(treedef, structure)) {
      throw new TypeError(
        `tree.map: the trees have different structures: ${formatTree(structure)} and ${formatTree(treedef)}.`,
      );
    }
    return given;
  });
  return rebuild<Traced<X>>(
    structure,
    first.map((leaf, i) =>
      asTensor(f(leaf, ...others.flatMap((given) => given[i] ?? [])), 'tree.map'),
    ),
  );
}
