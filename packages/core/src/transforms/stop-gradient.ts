import { stopped } from '../primitives/stop-gradient.ts';
import { unflatten } from '../program/tree.ts';
import { flattenTensors } from './trace-tree.ts';

/** The same tree, whose derivative counts as zero. */
export function stopGradient<T>(tree: T): T {
  const [leaves, treedef] = flattenTensors(tree);
  return unflatten<T>(
    treedef,
    leaves.map((leaf) => stopped(leaf)),
  );
}
