/**
 * Several graphs as one: nodes and edges are numbered through, and no edge leads from one graph to
 * another, so a layer works on all of them at once. The tree of tensors that comes out has static shapes.
 * Where the numbers of nodes and edges vary from batch to batch, they are filled up to given numbers by
 * edges of weight 0 and by nodes that belong to no graph, so that a compiled function serves all batches.
 */
import { ShapeError, type Tensor, tensor } from '@grad/core';
import { checkCount, checkNumber, checkOptions } from './check.ts';
import { type Duplicates, type Edges, readEdges, reverseEdges } from './edges.ts';

/** Rows of numbers, one for each node or edge. */
export type Rows = readonly (readonly number[])[];

/** One graph, as plain numbers. */
export interface GraphData {
  /** Number of nodes; the number of rows of `features` when left out. */
  readonly nodes?: number;
  /** Pairs `[from, to]` of node numbers from 0 on. Messages go from the first to the second. */
  readonly edges: Edges;
  /** One number for each edge; 1 when left out. */
  readonly weights?: ArrayLike<number>;
  /** One row for each node. */
  readonly features?: Rows;
  /** One row for each edge. */
  readonly edgeFeatures?: Rows;
}

/** Graphs as one, of N nodes and E edges: a tree of tensors. */
export interface Graph {
  /** Where each edge starts: int32 `[E]`. */
  readonly from: Tensor;
  /** Where each edge ends, never falling: int32 `[E]`. */
  readonly to: Tensor;
  /** Position of the edge that leads back, or its own where there is none: int32 `[E]`. */
  readonly reverse: Tensor;
  /** `[E]`; 0 for edges that only fill up, and for dropped ones. */
  readonly weights: Tensor;
  /** The graph that each node belongs to: int32 `[N]`. */
  readonly graphOf: Tensor;
  /** 1 for each node, 0 for those that only fill up: `[N]`. */
  readonly nodeMask: Tensor;
  /** 1 for each graph, 0 for those that only fill up: `[graphs]`. */
  readonly graphMask: Tensor;
  /** `[N, features]`, where the graphs have them; 0 where nodes only fill up. */
  readonly features: Tensor;
  /** `[E, features]`, where the graphs have them; 0 where edges only fill up. */
  readonly edgeFeatures: Tensor;
}

/** Numbers of nodes, edges and graphs. */
export interface GraphSize {
  readonly nodes: number;
  readonly edges: number;
  readonly graphs: number;
}

/** Options of `graphBatch`. */
export interface GraphBatchOptions {
  /** What to fill up to; nothing is filled up when left out. See `batchSize`. */
  readonly size?: GraphSize;
  /** Whether every edge leads both ways, though it is given once; false when left out. */
  readonly undirected?: boolean;
  /**
   * What becomes of edges that are given more than once in a graph: `merge` makes one of them, with the
   * sum of their weights where weights are given; `keep` keeps all; `error` refuses them. `merge` when
   * left out.
   */
  readonly duplicates?: Duplicates;
  /** float32 when left out. */
  readonly dtype?: 'float32' | 'float64';
}

/**
 * Graphs as one. Isolated nodes and graphs without edges or nodes are graphs like others.
 *
 * @throws RangeError naming the graph and the edge or number that is wrong, or what does not fit into
 * `size`.
 * @throws ShapeError when rows do not fit the nodes or edges, or differ in length.
 */
export function graphBatch(graphs: readonly GraphData[], options: GraphBatchOptions = {}): Graph {
  checkOptions('graphBatch', options, ['size', 'undirected', 'duplicates', 'dtype']);
  const { undirected = false, duplicates = 'merge', dtype = 'float32' } = options;
  const parts = graphs.map((graph, k) =>
    readGraph(`graphBatch: graph ${k}`, graph, { undirected, duplicates }),
  );
  const total = {
    nodes: parts.reduce((sum, { nodes }) => sum + nodes, 0),
    edges: parts.reduce((sum, { from }) => sum + from.length, 0),
    graphs: parts.length,
  };
  const size = options.size ?? total;
  for (const what of ['nodes', 'edges', 'graphs'] as const) {
    checkNumber(
      'graphBatch',
      `size.${what}`,
      size[what],
      (x) => Number.isSafeInteger(x) && x >= total[what],
      `a whole number of ${total[what]} or more, which these graphs have`,
    );
  }
  const [from, to] = [new Int32Array(size.edges), new Int32Array(size.edges)];
  // What fills up leads from the last node to itself, so that `to` never falls.
  from.fill(Math.max(0, size.nodes - 1), total.edges);
  to.fill(Math.max(0, size.nodes - 1), total.edges);
  if (size.nodes === 0 && size.edges > 0) {
    throw new RangeError('graphBatch: size has edges and no nodes; give at least one node.');
  }
  const weights = new Float64Array(size.edges);
  const graphOf = new Int32Array(size.nodes).fill(Math.max(0, size.graphs - 1));
  let [node, edge] = [0, 0];
  parts.forEach((part, k) => {
    from.set(
      part.from.map((end) => end + node),
      edge,
    );
    to.set(
      part.to.map((end) => end + node),
      edge,
    );
    weights.set(part.weights, edge);
    graphOf.fill(k, node, node + part.nodes);
    node += part.nodes;
    edge += part.from.length;
  });
  return {
    from: tensor(from),
    to: tensor(to),
    reverse: tensor(reverseEdges(from, to, size.nodes)),
    weights: tensor(weights, { dtype }),
    graphOf: tensor(graphOf),
    nodeMask: mask(total.nodes, size.nodes, dtype),
    graphMask: mask(total.graphs, size.graphs, dtype),
    features: stack('features', parts, ({ features }) => features, size.nodes, dtype),
    edgeFeatures: stack('edgeFeatures', parts, (part) => part.edgeFeatures, size.edges, dtype),
  };
}

/**
 * A size that any `count` of these graphs fit into: for batches of which each compiles to the same code.
 *
 * @throws RangeError when `count` is no whole number of 1 or more, or an edge is wrong.
 */
export function batchSize(
  graphs: readonly GraphData[],
  count: number,
  options: Pick<GraphBatchOptions, 'undirected' | 'duplicates'> = {},
): GraphSize {
  checkCount('batchSize', 'the number of graphs', count);
  const { undirected = false, duplicates = 'merge' } = options;
  const parts = graphs.map((graph, k) =>
    readGraph(`batchSize: graph ${k}`, graph, { undirected, duplicates }),
  );
  const largest = (sizes: readonly number[]): number =>
    sizes
      .toSorted((a, b) => b - a)
      .slice(0, count)
      .reduce((sum, size) => sum + size, 0);
  return {
    nodes: Math.max(1, largest(parts.map(({ nodes }) => nodes))),
    edges: largest(parts.map(({ from }) => from.length)),
    graphs: count,
  };
}

interface Part {
  readonly nodes: number;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly weights: Float64Array;
  readonly features: Rows;
  readonly edgeFeatures: Rows;
}

function readGraph(
  name: string,
  graph: GraphData,
  how: { readonly undirected: boolean; readonly duplicates: Duplicates },
): Part {
  const { features, edgeFeatures, weights } = graph;
  const nodes = graph.nodes ?? features?.length;
  if (nodes === undefined) {
    throw new TypeError(`${name}: give the number of nodes, or their features.`);
  }
  const { from, to, given } = readEdges(name, graph.edges, nodes, how);
  const count = graph.edges instanceof Int32Array ? graph.edges.length / 2 : graph.edges.length;
  checkLength(name, 'rows of features', features?.length, nodes, 'nodes');
  checkLength(name, 'rows of edgeFeatures', edgeFeatures?.length, count, 'edges');
  checkLength(name, 'weights', weights?.length, count, 'edges');
  for (let edge = 0; edge < (weights?.length ?? 0); edge++) {
    checkNumber(
      name,
      `the weight of edge ${edge}`,
      weights?.[edge] ?? 0,
      (w) => w >= 0 && w < Number.POSITIVE_INFINITY,
      'a finite number of 0 or more',
    );
  }
  return {
    nodes,
    from,
    to,
    weights: Float64Array.from(given, (edges) =>
      weights === undefined ? 1 : edges.reduce((sum, edge) => sum + (weights[edge] ?? 0), 0),
    ),
    features: features ?? Array.from({ length: nodes }, () => []),
    edgeFeatures: given.map((edges) => sameRow(name, edgeFeatures, edges)),
  };
}

/** The features that edges which become one have in common. */
function sameRow(
  name: string,
  rows: Rows | undefined,
  edges: readonly number[],
): readonly number[] {
  const [first = 0, ...others] = edges;
  const row = rows?.[first] ?? [];
  const other = others.find((edge) => rows?.[edge]?.some((x, i) => x !== row[i]));
  if (other === undefined) return row;
  throw new RangeError(
    `${name}: edges ${first} and ${other} have the same ends and different features. Set duplicates to 'keep', or remove one.`,
  );
}

function checkLength(
  name: string,
  what: string,
  length: number | undefined,
  expected: number,
  of: string,
): void {
  if (length === undefined || length === expected) return;
  throw new ShapeError(`${name}: there are ${length} ${what} and ${expected} ${of}.`);
}

function mask(ones: number, length: number, dtype: 'float32' | 'float64'): Tensor {
  return tensor(new Float64Array(length).fill(1, 0, ones), { dtype });
}

/** Rows of all graphs, and zeros below them. */
function stack(
  what: string,
  parts: readonly Part[],
  rowsOf: (part: Part) => Rows,
  length: number,
  dtype: 'float32' | 'float64',
): Tensor {
  const width = parts.map(rowsOf).find((rows) => rows.length > 0)?.[0]?.length ?? 0;
  const data = new Float64Array(length * width);
  let at = 0;
  parts.forEach((part, k) => {
    rowsOf(part).forEach((row, i) => {
      if (row.length !== width) {
        throw new ShapeError(
          `graphBatch: graph ${k}: row ${i} of ${what} has ${row.length} numbers; the first one has ${width}.`,
        );
      }
      data.set(row, at);
      at += width;
    });
  });
  return tensor(data, { dtype }).reshape([length, width]);
}
