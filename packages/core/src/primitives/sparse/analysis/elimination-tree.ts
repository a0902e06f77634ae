/**
 * The elimination tree: the parent of column j of a Cholesky factor is the row of its first entry
 * below the diagonal. A column changes only columns on its way to the root, and its pattern, without
 * itself, is part of that of its parent.
 *
 * Liu, The Role of Elimination Trees in Sparse Factorization (1990).
 */
import { integers } from '../../../tensor/dtype.ts';
import type { Graph } from './graph.ts';
import { at, increase, startsOf } from './integers.ts';

/** The parent of each column when the nodes are eliminated in an order; -1 for a root. */
export function eliminationTree(graph: Graph, order: Int32Array, place: Int32Array): Int32Array {
  const n = graph.size;
  const parent = integers(n).fill(-1);
  const ancestor = integers(n).fill(-1);
  for (let row = 0; row < n; row++) {
    const node = at(order, row);
    for (let k = at(graph.starts, node); k < at(graph.starts, node + 1); k++) {
      let column = at(place, at(graph.neighbours, k));
      while (column !== -1 && column < row) {
        const next = at(ancestor, column);
        ancestor[column] = row;
        if (next === -1) parent[column] = row;
        column = next;
      }
    }
  }
  return parent;
}

/** Entries of each column of the factor, the diagonal among them. */
export function columnCounts(
  graph: Graph,
  order: Int32Array,
  place: Int32Array,
  parent: Int32Array,
): Int32Array {
  const n = graph.size;
  const counts = integers(n).fill(1);
  const seen = integers(n).fill(-1);
  for (let row = 0; row < n; row++) {
    const node = at(order, row);
    seen[row] = row;
    for (let k = at(graph.starts, node); k < at(graph.starts, node + 1); k++) {
      let column = at(place, at(graph.neighbours, k));
      while (column < row && at(seen, column) !== row) {
        seen[column] = row;
        increase(counts, column, 1);
        column = at(parent, column);
      }
    }
  }
  return counts;
}

/** Nodes of a forest, children before parents, those of the greatest weight next to their parent. */
export function postorder(parent: Int32Array, weight: Int32Array): Int32Array {
  const n = parent.length;
  const counts = integers(n + 2);
  for (let i = 0; i < n; i++) increase(counts, at(parent, i) + 1, 1);
  const starts = startsOf(counts);
  const children = integers(n);
  const next = starts.slice();
  for (let i = 0; i < n; i++) {
    const bucket = at(parent, i) + 1;
    children[at(next, bucket)] = i;
    increase(next, bucket, 1);
  }
  const order = integers(n);
  const stack: number[] = [];
  // Written from the end: a node before all below it, the heaviest child first.
  let put = n;
  const push = (bucket: number): void => {
    const own = children.subarray(at(starts, bucket), at(starts, bucket + 1));
    if (own.length > 1) own.sort((a, b) => at(weight, a) - at(weight, b) || a - b);
    for (const child of own) stack.push(child);
  };
  push(0);
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    order[--put] = node;
    push(node + 1);
  }
  return order;
}
