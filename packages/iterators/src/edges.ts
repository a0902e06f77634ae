import { isConcrete, ShapeError, type Tensor } from '@grad/core';

/** Directed edges: pairs `[from, to]`, or all of them in one array, two numbers for each. */
export type Edges = readonly (readonly number[])[] | Int32Array;

/** Edges whose ends are known to exist. */
export interface Graph {
  readonly nodes: number;
  readonly from: Int32Array;
  readonly to: Int32Array;
}

/**
 * Reads edges. The number of nodes is one more than the largest number of a node when left out.
 *
 * @throws RangeError naming the edge that is no pair of nodes.
 */
export function readEdges(name: string, edges: Edges, nodes: number | undefined): Graph {
  const { from, to } =
    edges instanceof Int32Array ? splitPairs(name, edges) : copyPairs(name, edges);
  const count = nodes ?? largest(from, to) + 1;
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(
      nodes === undefined
        ? `${name}: the graph has no edges; give at least one, or the number of nodes.`
        : `${name}: the number of nodes is ${nodes}; give a whole number of 1 or more.`,
    );
  }
  for (let edge = 0; edge < from.length; edge++) {
    const [start, end] = [from[edge] ?? -1, to[edge] ?? -1];
    if (start < 0 || start >= count || end < 0 || end >= count) {
      throw new RangeError(
        `${name}: edge ${edge} (${start} > ${end}) leaves the nodes, which are numbered 0 to ${count - 1}.`,
      );
    }
  }
  return { nodes: count, from, to };
}

/**
 * Checks one weight for each edge, as far as they are known.
 *
 * @throws RangeError naming the edge whose weight is negative or not finite.
 */
export function checkWeights(name: string, { from, to }: Graph, weights: Tensor): void {
  if (weights.ndim !== 1 || weights.size !== from.length) {
    throw new ShapeError(
      `${name}: weights have shape [${weights.shape.join(', ')}]; ${from.length} edges need a vector of as many.`,
    );
  }
  if (!isConcrete(weights)) return;
  weights.read((values) => {
    const wrong = values.findIndex((weight) => !(weight >= 0 && Number.isFinite(weight)));
    if (wrong >= 0) {
      throw new RangeError(
        `${name}: edge ${wrong} (${from[wrong]} > ${to[wrong]}) has the weight ${values[wrong]}; weights are finite and 0 or more.`,
      );
    }
  });
}

function splitPairs(name: string, pairs: Int32Array): Omit<Graph, 'nodes'> {
  if (pairs.length % 2 !== 0) {
    throw new RangeError(
      `${name}: the array of edges has ${pairs.length} numbers; two are needed for each edge.`,
    );
  }
  const [from, to] = [new Int32Array(pairs.length / 2), new Int32Array(pairs.length / 2)];
  for (let edge = 0; edge < from.length; edge++) {
    from[edge] = pairs[2 * edge] ?? -1;
    to[edge] = pairs[2 * edge + 1] ?? -1;
  }
  return { from, to };
}

function copyPairs(name: string, pairs: readonly (readonly number[])[]): Omit<Graph, 'nodes'> {
  pairs.forEach((pair, edge) => {
    if (pair.length !== 2 || !pair.every(Number.isInteger)) {
      throw new RangeError(
        `${name}: edge ${edge} is [${pair.join(', ')}]; an edge is [from, to], two whole numbers.`,
      );
    }
  });
  return {
    from: Int32Array.from(pairs, ([from = -1]) => from),
    to: Int32Array.from(pairs, ([, to = -1]) => to),
  };
}

function largest(from: Int32Array, to: Int32Array): number {
  let node = -1;
  for (const end of from) node = Math.max(node, end);
  for (const end of to) node = Math.max(node, end);
  return node;
}
