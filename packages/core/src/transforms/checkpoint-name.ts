import { named } from '../primitives/named.ts';
import { unflatten } from '../program/tree.ts';
import { flattenTensors } from './trace-tree.ts';

/**
 * The same value, under a name by which a `checkpoint` around it can be told to keep it:
 * `checkpoint(f, { policy: { names: ['gate'] } })`. Takes and returns a tree.
 */
export function checkpointName<T>(tree: T, name: string): T {
  const [leaves, treedef] = flattenTensors(tree);
  return unflatten<T>(
    treedef,
    leaves.map((leaf) => named(leaf, { name })),
  );
}
