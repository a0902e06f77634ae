import { type Tensor, type Traced, tree } from '@grad/core';
import { namedTensors } from './tree-paths.ts';

/**
 * The tree `like` with tensors of a file in the places of its own: what `writeSafetensors` wrote of
 * a tree of this structure, or what another program wrote by these names. Tensors of the file that
 * the tree has no place for are left out.
 *
 * @throws TypeError naming a tensor that is missing, or whose shape or dtype is another.
 */
export function restoreTree<const X>(
  like: X,
  tensors: Readonly<Record<string, Tensor>>,
): Traced<X> {
  const places = namedTensors('restoreTree', like);
  const [, structure] = tree.flatten(like);
  const found = places.map(({ name, tensor: place }) => {
    const given = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
    if (given === undefined) {
      const names = Object.keys(tensors).slice(0, 8).join(', ');
      throw new TypeError(`restoreTree: there is no tensor '${name}'; there are ${names}.`);
    }
    const [wanted, had] = [place, given].map(
      ({ dtype, shape }) => `${dtype} [${shape.join(', ')}]`,
    );
    if (wanted !== had) {
      throw new TypeError(`restoreTree: '${name}' is ${had}; the tree has ${wanted} there.`);
    }
    return given;
  });
  return tree.unflatten<Traced<X>>(structure, found);
}
