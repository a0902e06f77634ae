/**
 * Supernodes: columns in a row of the factor whose patterns agree below them, stored and computed as
 * one dense panel. A small or almost equal child is merged into its parent, at the price of some
 * zeros, since larger panels are faster.
 *
 * Ashcraft and Grimes, The Influence of Relaxed Supernode Partitions on the Multifrontal Method (1989).
 */
import { integers } from '../../../tensor/dtype.ts';
import type { Graph } from './graph.ts';
import { at } from './integers.ts';

/** The panels of a factor. */
export interface Supernodes {
  /** The first column of each, and the number of columns. */
  readonly first: Int32Array;
  /** The one that holds the first row below it; -1 for a root. */
  readonly parent: Int32Array;
  /** Rows below the columns of each: from `rowStarts[s]` to `rowStarts[s + 1]`, rising. */
  readonly rowStarts: Int32Array;
  readonly rows: Int32Array;
}

/** Columns up to which a panel may hold a share of zeros. */
const relaxed: readonly (readonly [columns: number, zeros: number])[] = [
  [4, 1],
  [16, 0.8],
  [48, 0.1],
  [Number.POSITIVE_INFINITY, 0.05],
];

interface Panel {
  first: number;
  columns: number;
  /** Rows below the columns. */
  below: number;
  zeros: number;
}

/** First columns of panels, from the tree and the counts of a postordered factor. */
function partition(parent: Int32Array, counts: Int32Array): number[] {
  const done: Panel[] = [];
  for (let j = 0; j < parent.length; j++) {
    const open = done.at(-1);
    const joins = open && at(parent, j - 1) === j && at(counts, j - 1) === at(counts, j) + 1;
    if (open && joins) {
      open.columns += 1;
      open.below -= 1;
    } else {
      mergeLast(done, parent);
      done.push({ first: j, columns: 1, below: at(counts, j) - 1, zeros: 0 });
    }
  }
  mergeLast(done, parent);
  return done.map(({ first }) => first);
}

/** Merges the last panel with its last child while that is worth it. */
function mergeLast(done: Panel[], parent: Int32Array): void {
  for (;;) {
    const child = done.at(-2);
    const own = done.at(-1);
    if (!child || !own) return;
    const last = child.first + child.columns - 1;
    const up = at(parent, last);
    if (up < own.first || up >= own.first + own.columns) return;
    const columns = child.columns + own.columns;
    const rows = own.columns + own.below;
    const zeros = child.zeros + own.zeros + child.columns * (rows - child.below);
    const entries = (columns * (columns + 1)) / 2 + columns * own.below;
    const allowed = relaxed.find(([most]) => columns <= most)?.[1] ?? 0;
    if (zeros > allowed * entries) return;
    done.pop();
    child.columns = columns;
    child.below = own.below;
    child.zeros = zeros;
  }
}

/** The panels of the factor of a graph whose nodes are eliminated in a postorder. */
export function supernodesOf(
  graph: Graph,
  order: Int32Array,
  place: Int32Array,
  parent: Int32Array,
  counts: Int32Array,
): Supernodes {
  const n = graph.size;
  const firsts = partition(parent, counts);
  const count = firsts.length;
  const first = Int32Array.from([...firsts, n]);
  const owner = integers(n);
  for (let s = 0; s < count; s++) owner.fill(s, at(first, s), at(first, s + 1));
  const seen = integers(n).fill(-1);
  const found: Int32Array[] = [];
  const children: number[][] = firsts.map(() => []);
  const up = integers(count).fill(-1);
  const rowStarts = integers(count + 1);
  for (let s = 0; s < count; s++) {
    const end = at(first, s + 1);
    const rows: number[] = [];
    const add = (row: number): void => {
      if (row < end || at(seen, row) === s) return;
      seen[row] = s;
      rows.push(row);
    };
    for (let j = at(first, s); j < end; j++) {
      const node = at(order, j);
      const to = at(graph.starts, node + 1);
      for (let k = at(graph.starts, node); k < to; k++) add(at(place, at(graph.neighbours, k)));
    }
    for (const child of children[s] ?? []) for (const row of found[child] ?? []) add(row);
    const sorted = Int32Array.from(rows).sort();
    found.push(sorted);
    rowStarts[s + 1] = at(rowStarts, s) + sorted.length;
    const [lowest] = sorted;
    if (lowest === undefined) continue;
    up[s] = at(owner, lowest);
    children[at(up, s)]?.push(s);
  }
  const rows = integers(at(rowStarts, count));
  found.forEach((own, s) => {
    rows.set(own, at(rowStarts, s));
  });
  return { first, parent: up, rowStarts, rows };
}
