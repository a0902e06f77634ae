import type { SparsityPattern } from '../../../tensor/sparsity-pattern.ts';
import { columnCounts, eliminationTree, postorder } from './elimination-tree.ts';
import { type Graph, graphOf } from './graph.ts';
import { at, inverseOf, range } from './integers.ts';
import { minimumDegree } from './minimum-degree.ts';
import { nestedDissection } from './nested-dissection.ts';
import { type Supernodes, supernodesOf } from './supernodes.ts';

/** What is known of the factors of a matrix from its pattern: of `A + A'` after rows are moved. */
export interface Analysis {
  readonly size: number;
  /** The node, which is a column, at each place of the elimination. */
  readonly order: Int32Array;
  /** The place of each node. */
  readonly place: Int32Array;
  /** The node that each row stands for: there is an entry where they meet, but for a symmetric matrix. */
  readonly nodeOfRow: Int32Array;
  readonly supernodes: Supernodes;
  /** Entries of one triangular factor, without the zeros of the panels. */
  readonly fill: number;
  /** Multiplications of a Cholesky factorization. */
  readonly work: number;
}

/** Multiplications from which on a second order is tried. */
const muchWork = 2 ** 27;

/** The order of elimination and the panels for a square pattern: of two, the one with less work. */
export function analyze(pattern: SparsityPattern, nodeOfRow?: Int32Array): Analysis {
  const [size] = pattern.shape;
  const rows = nodeOfRow ?? range(size);
  const graph = graphOf(pattern, rows);
  const first = climbed(graph, minimumDegree(graph));
  const second = first.work > muchWork ? climbed(graph, nestedDissection(graph)) : first;
  const { order, parent, counts, fill, work } = second.work < first.work ? second : first;
  const place = inverseOf(order);
  const supernodes = supernodesOf(graph, order, place, parent, counts);
  return { size, order, place, nodeOfRow: rows, supernodes, fill, work };
}

interface Elimination {
  readonly order: Int32Array;
  readonly parent: Int32Array;
  readonly counts: Int32Array;
  readonly fill: number;
  readonly work: number;
}

/** An order made a postorder of its tree, which changes nothing but what lies side by side. */
function climbed(graph: Graph, given: Int32Array): Elimination {
  const before = inverseOf(given);
  const tree = eliminationTree(graph, given, before);
  const sizes = columnCounts(graph, given, before, tree);
  const climb = postorder(tree, sizes);
  const moved = inverseOf(climb);
  const counts = climb.map((i) => at(sizes, i));
  let fill = 0;
  let work = 0;
  for (const count of counts) {
    fill += count;
    work += (count * count) / 2;
  }
  return {
    order: climb.map((i) => at(given, i)),
    parent: climb.map((i) => (at(tree, i) < 0 ? -1 : at(moved, at(tree, i)))),
    counts,
    fill,
    work,
  };
}
