import { checkChoice, checkCount } from './check.ts';

/** Directed edges: pairs `[from, to]`, or all of them in one array, two numbers for each. */
export type Edges = readonly (readonly number[])[] | Int32Array;

/** What becomes of edges that are given more than once. */
export type Duplicates = 'merge' | 'keep' | 'error';

/** Edges whose ends are known to exist, in the order of their ends. */
export interface EdgeList {
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** The given edges that each of these stands for: more than one where some were merged. */
  readonly given: readonly (readonly number[])[];
}

/**
 * Reads the edges of a graph.
 *
 * @throws RangeError naming the edge that is no pair of nodes, or that is given twice and may not be.
 */
export function readEdges(
  name: string,
  edges: Edges,
  nodes: number,
  { undirected, duplicates }: { readonly undirected: boolean; readonly duplicates: Duplicates },
): EdgeList {
  checkCount(name, 'the number of nodes', nodes, 0);
  checkChoice(name, 'duplicates', duplicates, ['merge', 'keep', 'error']);
  const ends: [from: number, to: number, edge: number][] = [];
  pairsOf(name, edges).forEach(([from = -1, to = -1], edge) => {
    if (!(from >= 0 && from < nodes && to >= 0 && to < nodes)) {
      throw new RangeError(
        `${name}: edge ${edge} (${from} > ${to}) leaves the nodes; ${nodes === 0 ? 'there are none' : `they are numbered 0 to ${nodes - 1}`}.`,
      );
    }
    ends.push([from, to, edge]);
    if (undirected && from !== to) ends.push([to, from, edge]);
  });
  ends.sort((a, b) => a[1] - b[1] || a[0] - b[0] || a[2] - b[2]);
  const kept: { from: number; to: number; given: number[] }[] = [];
  for (const [from, to, edge] of ends) {
    const last = kept.at(-1);
    if (duplicates === 'keep' || last?.from !== from || last.to !== to) {
      kept.push({ from, to, given: [edge] });
      continue;
    }
    if (duplicates === 'error') {
      throw new RangeError(
        `${name}: edges ${last.given[0]} and ${edge} both lead from ${from} to ${to}. Remove one, or set duplicates to 'merge' or 'keep'.`,
      );
    }
    last.given.push(edge);
  }
  return {
    from: Int32Array.from(kept, ({ from }) => from),
    to: Int32Array.from(kept, ({ to }) => to),
    given: kept.map(({ given }) => given),
  };
}

function pairsOf(name: string, edges: Edges): readonly (readonly number[])[] {
  if (edges instanceof Int32Array) {
    if (edges.length % 2 !== 0) {
      throw new RangeError(
        `${name}: the array of edges has ${edges.length} numbers; two are needed for each edge.`,
      );
    }
    return Array.from({ length: edges.length / 2 }, (_, e) => [
      edges[2 * e] ?? -1,
      edges[2 * e + 1] ?? -1,
    ]);
  }
  edges.forEach((pair, edge) => {
    if (pair.length === 2 && pair.every(Number.isInteger)) return;
    throw new RangeError(
      `${name}: edge ${edge} is [${pair.join(', ')}]; an edge is [from, to], two whole numbers.`,
    );
  });
  return edges;
}

/** Position of the edge that leads back, or its own where there is none; loops lead back themselves. */
export function reverseEdges(from: Int32Array, to: Int32Array, nodes: number): Int32Array {
  // Edges that no other one leads back yet, by their ends.
  const waiting = new Map<number, number[]>();
  const reverse = Int32Array.from(from, (_, edge) => edge);
  from.forEach((start, edge) => {
    const end = to[edge] ?? 0;
    if (start === end) return;
    const partner = waiting.get(end * nodes + start)?.shift();
    if (partner === undefined) {
      const own = start * nodes + end;
      const list = waiting.get(own);
      if (list === undefined) waiting.set(own, [edge]);
      else list.push(edge);
    } else {
      reverse[edge] = partner;
      reverse[partner] = edge;
    }
  });
  return reverse;
}
