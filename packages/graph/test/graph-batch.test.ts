import { jit, type Tensor, tensor } from '@grad/core';
import { expect, it } from 'vitest';
import {
  batchSize,
  dirichletEnergy,
  type Graph,
  type GraphData,
  graphBatch,
  propagate,
} from '../src/index.ts';

const triangle: GraphData = {
  edges: [
    [0, 1],
    [1, 2],
    [2, 0],
  ],
  features: [[1], [2], [3]],
  edgeFeatures: [[10], [20], [30]],
};
const alone: GraphData = { nodes: 1, edges: [], features: [[4]] };
const empty: GraphData = { nodes: 0, edges: [] };

it('numbers nodes and edges through', () => {
  const graph = graphBatch([triangle, alone, empty, triangle], { undirected: true });
  expect(graph.to.toArray()).toEqual([0, 0, 1, 1, 2, 2, 4, 4, 5, 5, 6, 6]);
  expect(graph.from.toArray()).toEqual([1, 2, 0, 2, 0, 1, 5, 6, 4, 6, 4, 5]);
  expect(graph.reverse.toArray()).toEqual([2, 4, 0, 5, 1, 3, 8, 10, 6, 11, 7, 9]);
  expect(graph.edgeFeatures.reshape([12]).at([0, 6]).toArray()).toEqual([10, 30, 10, 20, 30, 20]);
  expect(graph.graphOf.toArray()).toEqual([0, 0, 0, 1, 3, 3, 3]);
  expect(graph.graphMask.toArray()).toEqual([1, 1, 1, 1]);
  expect(graph.features.shape).toEqual([7, 1]);
});

it('what fills up changes nothing, and batches of one size compile once', () => {
  const data = [triangle, alone, empty, triangle, { ...triangle, nodes: 3 }];
  const size = batchSize(data, 3, { undirected: true });
  expect(size).toEqual({ nodes: 9, edges: 18, graphs: 3 });
  let traces = 0;
  const spread = jit((graph: Graph): Tensor => {
    traces++;
    return propagate(graph.features, graph);
  });
  for (const graphs of [data.slice(0, 2), data.slice(2), [empty], []]) {
    const exact = graphBatch(graphs, { undirected: true });
    const filled = graphBatch(graphs, { undirected: true, size });
    const nodes = exact.nodeMask.size;
    const got = exact.features.shape[1] === 0 ? filled.features : spread(filled);
    expect(got.at([0, nodes]).toArray()).toEqual(propagate(exact.features, exact).toArray());
    expect(filled.nodeMask.sum().item()).toBe(nodes);
    expect(filled.graphMask.sum().item()).toBe(graphs.length);
    expect(dirichletEnergy(filled.features, filled).item()).toBe(
      dirichletEnergy(exact.features, exact).item(),
    );
  }
  expect(traces).toBe(1);
});

it('edges that fill up change nothing where there is no node to spare', () => {
  const data = { nodes: 3, edges: [[0, 1]], features: [[1], [2], [3]] };
  const exact = graphBatch([data], { undirected: true });
  const filled = graphBatch([data], {
    undirected: true,
    size: { nodes: 3, edges: 7, graphs: 1 },
  });
  expect(propagate(filled.features, filled).toArray()).toEqual(
    propagate(exact.features, exact).toArray(),
  );
});

it('edges given twice are merged, kept or refused', () => {
  const twice = {
    nodes: 2,
    edges: [
      [0, 1],
      [1, 0],
      [0, 1],
      [1, 1],
    ],
    weights: [1, 2, 4, 8],
  };
  const merged = graphBatch([twice]);
  expect(merged.from.toArray()).toEqual([1, 0, 1]);
  expect(merged.weights.toArray()).toEqual([2, 5, 8]);
  expect(merged.reverse.toArray()).toEqual([1, 0, 2]);
  const { weights: _, ...plain } = twice;
  expect(graphBatch([plain]).weights.toArray()).toEqual([1, 1, 1]);
  expect(graphBatch([plain], { undirected: true }).from.toArray()).toEqual([1, 0, 1]);
  const kept = graphBatch([twice], { duplicates: 'keep' });
  expect(kept.from.toArray()).toEqual([1, 0, 0, 1]);
  expect(kept.reverse.toArray()).toEqual([1, 0, 2, 3]);
  expect(() => graphBatch([alone, twice], { duplicates: 'error' })).toThrow(
    'graph 1: edges 0 and 2 both lead from 0 to 1. Remove one',
  );
  const differ = { ...plain, edgeFeatures: [[1], [2], [3], [4]] };
  expect(() => graphBatch([differ])).toThrow(
    'edges 0 and 2 have the same ends and different features',
  );
});

it('reads pairs from one array as well', () => {
  const flat = graphBatch([{ nodes: 3, edges: Int32Array.of(2, 0, 0, 1) }]);
  expect(flat.from.toArray()).toEqual([2, 0]);
  expect(() => graphBatch([{ nodes: 3, edges: Int32Array.of(1) }])).toThrow('has 1 numbers');
});

it.each<[string, () => unknown]>([
  [
    'graph 1: edge 1 (0 > 3) leaves the nodes; they are numbered 0 to 2',
    () =>
      graphBatch([
        alone,
        {
          nodes: 3,
          edges: [
            [0, 1],
            [0, 3],
          ],
        },
      ]),
  ],
  [
    'edge 0 (0 > 0) leaves the nodes; there are none',
    () => graphBatch([{ nodes: 0, edges: [[0, 0]] }]),
  ],
  ['edge 0 is [1]; an edge is [from, to]', () => graphBatch([{ nodes: 3, edges: [[1]] }])],
  ['graph 0: give the number of nodes, or their features', () => graphBatch([{ edges: [] }])],
  [
    'there are 1 rows of features and 2 nodes',
    () => graphBatch([{ nodes: 2, edges: [], features: [[1]] }]),
  ],
  [
    'there are 1 rows of edgeFeatures and 0 edges',
    () => graphBatch([{ nodes: 2, edges: [], edgeFeatures: [[1]] }]),
  ],
  ['the weight of edge 0 is -1', () => graphBatch([{ nodes: 2, edges: [[0, 1]], weights: [-1] }])],
  [
    'there are 0 weights and 1 edges',
    () => graphBatch([{ nodes: 2, edges: [[0, 1]], weights: [] }]),
  ],
  [
    'graph 1: row 0 of features has 2 numbers; the first one has 1',
    () => graphBatch([alone, { edges: [], features: [[1, 2]] }]),
  ],
  [
    'size.nodes is 2; give a whole number of 3 or more',
    () => graphBatch([triangle], { size: { nodes: 2, edges: 3, graphs: 1 } }),
  ],
  [
    'size has edges and no nodes',
    () => graphBatch([], { size: { nodes: 0, edges: 3, graphs: 1 } }),
  ],
  ['the number of graphs is 0', () => batchSize([triangle], 0)],
])('refuses: %s', (message, make) => {
  expect(make).toThrow(message);
});

it('knows its options', () => {
  const misspelled = { undirected: true, directed: true };
  expect(() => graphBatch([alone], misspelled)).toThrow("there is no option 'directed'");
  expect(tensor(graphBatch([alone], { dtype: 'float64' }).features).dtype).toBe('float64');
});
