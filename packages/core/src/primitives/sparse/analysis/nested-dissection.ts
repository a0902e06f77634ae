/**
 * A fill-reducing order by nested dissection: a small set of nodes that separates the others into two
 * halves is eliminated last, and each half is ordered in the same way. For meshes of three dimensions
 * this fills less than least degrees do.
 *
 * Separators are found from the levels of a search in breadth, begun at a node that is far from the
 * others, and then made smaller: a node moves to one side where that takes no more nodes of the other
 * side into the separator than it sets free.
 *
 * George and Liu, An automatic nested dissection algorithm for irregular finite element problems (1978);
 * Ashcraft and Liu, Robust ordering of sparse matrices using multisection (1998).
 */
import { integers } from '../../../tensor/dtype.ts';
import type { Graph } from './graph.ts';
import { at, range } from './integers.ts';
import { minimumDegree } from './minimum-degree.ts';

/** Nodes of a part that is not cut any more. */
const smallest = 160;
/** The larger of two parts has at most this share of both. */
const balance = 0.62;
const rounds = 8;

/** The order in which to eliminate the nodes of a graph. */
export function nestedDissection(graph: Graph): Int32Array {
  return new Dissection(graph).run();
}

interface Cut {
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly separator: Int32Array;
}

class Dissection {
  readonly #graph: Graph;
  /** The part that each node is in; 0 once it has its place. */
  readonly #part: Int32Array;
  readonly #level: Int32Array;
  readonly #order: Int32Array;
  #parts = 1;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#part = integers(graph.size).fill(1);
    this.#level = integers(graph.size);
    this.#order = integers(graph.size);
  }

  run(): Int32Array {
    // Parts and the end of their places in the order.
    const waiting = [{ nodes: range(this.#graph.size), end: this.#graph.size }];
    for (let one = waiting.pop(); one; one = waiting.pop()) {
      const { nodes, end } = one;
      if (nodes.length <= smallest) {
        this.#order.set(this.#leaf(nodes), end - nodes.length);
        continue;
      }
      const { left, right, separator } = this.#cut(nodes);
      if (separator.length > 0 && (left.length === 0 || right.length === 0)) {
        this.#order.set(this.#leaf(nodes), end - nodes.length);
        continue;
      }
      this.#order.set(separator, end - separator.length);
      for (const node of separator) this.#part[node] = 0;
      this.#name(left);
      this.#name(right);
      waiting.push({ nodes: right, end: end - separator.length });
      waiting.push({ nodes: left, end: end - separator.length - right.length });
    }
    return this.#order;
  }

  #name(nodes: Int32Array): void {
    this.#parts += 1;
    for (const node of nodes) this.#part[node] = this.#parts;
  }

  /** Neighbours of a node in its own part. */
  #each(node: number, visit: (other: number) => void): void {
    const { starts, neighbours } = this.#graph;
    const part = at(this.#part, node);
    for (let k = at(starts, node); k < at(starts, node + 1); k++) {
      const other = at(neighbours, k);
      if (at(this.#part, other) === part) visit(other);
    }
  }

  /** A small part by least degrees. */
  #leaf(nodes: Int32Array): Int32Array {
    const starts = [0];
    const neighbours: number[] = [];
    nodes.forEach((node, i) => {
      this.#level[node] = i;
    });
    for (const node of nodes) {
      this.#each(node, (other) => neighbours.push(at(this.#level, other)));
      starts.push(neighbours.length);
    }
    const order = minimumDegree({
      size: nodes.length,
      starts: Int32Array.from(starts),
      neighbours: Int32Array.from(neighbours),
    });
    return order.map((i) => at(nodes, i));
  }

  /** Nodes that are reached from one, level by level. */
  #search(from: number, nodes: Int32Array): { reached: number[]; ends: number[] } {
    for (const node of nodes) this.#level[node] = -1;
    const reached = [from];
    const ends: number[] = [];
    this.#level[from] = 0;
    for (let begin = 0; begin < reached.length; ) {
      const end = reached.length;
      ends.push(end);
      for (let k = begin; k < end; k++) {
        this.#each(reached[k] ?? 0, (other) => {
          if (at(this.#level, other) >= 0) return;
          this.#level[other] = ends.length;
          reached.push(other);
        });
      }
      begin = end;
    }
    return { reached, ends };
  }

  #cut(nodes: Int32Array): Cut {
    let { reached, ends } = this.#search(at(nodes, 0), nodes);
    if (reached.length < nodes.length) {
      const left = Int32Array.from(reached);
      const right = nodes.filter((node) => at(this.#level, node) < 0);
      return { left, right, separator: integers(0) };
    }
    for (let round = 0; round < rounds; round++) {
      const next = this.#search(reached.at(-1) ?? 0, nodes);
      const deeper = next.ends.length > ends.length;
      ({ reached, ends } = next);
      if (!deeper) break;
    }
    if (ends.length < 3) {
      return { left: integers(0), right: integers(0), separator: nodes };
    }
    return this.#refined(nodes, this.#middle(ends));
  }

  /** The level that separates best. */
  #middle(ends: readonly number[]): number {
    const total = ends.at(-1) ?? 0;
    let best = 1;
    let least = Number.POSITIVE_INFINITY;
    for (let level = 1; level + 1 < ends.length; level++) {
      const before = ends[level - 1] ?? 0;
      const size = (ends[level] ?? 0) - before;
      const larger = Math.max(before, total - before - size);
      const cost =
        size * (1 + 4 * Math.max(0, larger / total - 0.5)) + (larger > balance * total ? total : 0);
      if (cost < least) {
        best = level;
        least = cost;
      }
    }
    return best;
  }

  /** Sides by a level, whose nodes are moved while the separator does not grow. */
  #refined(nodes: Int32Array, middle: number): Cut {
    // -1 is left, 1 is right, 0 separates.
    const side = this.#level;
    const sizes = [0, 0, 0];
    for (const node of nodes) {
      side[node] = Math.sign(at(this.#level, node) - middle);
      sizes[at(side, node) + 1] = (sizes[at(side, node) + 1] ?? 0) + 1;
    }
    let separator = [...nodes].filter((node) => at(side, node) === 0);
    const most = balance * nodes.length;
    for (let round = 0; round < rounds; round++) {
      let moved = false;
      const added: number[] = [];
      for (const node of separator) {
        const [left, , right] = sizes;
        if (left === undefined || right === undefined) continue;
        const to = this.#better(node, side, left, right, most);
        if (to === 0) continue;
        moved = true;
        side[node] = to;
        sizes[1] = (sizes[1] ?? 0) - 1;
        sizes[to + 1] = (sizes[to + 1] ?? 0) + 1;
        this.#each(node, (other) => {
          if (at(side, other) !== -to) return;
          side[other] = 0;
          sizes[1] = (sizes[1] ?? 0) + 1;
          sizes[1 - to] = (sizes[1 - to] ?? 0) - 1;
          added.push(other);
        });
      }
      separator = [...separator, ...added].filter((node) => at(side, node) === 0);
      if (!moved) break;
    }
    const of = (which: number): Int32Array => nodes.filter((node) => at(side, node) === which);
    return { left: of(-1), right: of(1), separator: of(0) };
  }

  /** The side to which a node of the separator goes; 0 where it stays. */
  #better(node: number, side: Int32Array, left: number, right: number, most: number): number {
    let onLeft = 0;
    let onRight = 0;
    this.#each(node, (other) => {
      if (at(side, other) < 0) onLeft += 1;
      if (at(side, other) > 0) onRight += 1;
    });
    // What goes to one side takes its neighbours on the other into the separator.
    const toLeft = 1 - onRight;
    const toRight = 1 - onLeft;
    const leftFits = left + 1 <= most;
    const rightFits = right + 1 <= most;
    if (leftFits && toLeft > 0 && (toLeft > toRight || left <= right)) return -1;
    if (rightFits && toRight > 0) return 1;
    if (leftFits && toLeft > 0) return -1;
    if (leftFits && toLeft === 0 && left + 1 < right) return -1;
    if (rightFits && toRight === 0 && right + 1 < left) return 1;
    return 0;
  }
}
