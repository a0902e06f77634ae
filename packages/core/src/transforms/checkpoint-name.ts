import { named } from '../primitives/named.ts';
import { unflatten } from '../program/tree.ts';
import { describeValue } from '../tensor/check.ts';
import { flattenTensors } from './trace-tree.ts';

/**
 * The same value, under a name by which a `checkpoint` around it can be told to keep it:
 * `checkpoint(f, { policy: { names: ['gate'] } })`. Takes and returns a tree.
 *
 * @throws TypeError when the name is no string.
 */
export function checkpointName<T>(tree: T, name: string): T {
  if (typeof name !== 'string') {
    throw new TypeError(`checkpointName: the name must be a string; it is ${describeValue(name)}.`);
  }
  const [leaves, treedef] = flattenTensors(tree);
  return unflatten<T>(
    treedef,
    leaves.map((leaf) => named(leaf, { name })),
  );
}
