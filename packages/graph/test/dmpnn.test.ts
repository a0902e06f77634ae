import { random, type Tensor, tensor } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { expect, it } from 'vitest';
import { dmpnn, dropEdge, type Graph, type GraphData, graphBatch } from '../src/index.ts';

const far = (a: Tensor, b: Tensor): number => a.sub(b).abs().max().item();
const draw = (shape: readonly number[], seed: number) => random.normal(random.key(seed), shape);
const options = { undirected: true, dtype: 'float64' } as const;

/** A triangle with a tail, and a node alone. */
const kite: GraphData = {
  nodes: 5,
  edges: [
    [0, 1],
    [1, 2],
    [2, 0],
    [2, 3],
  ],
  weights: [1, 2, 0.5, 1],
  edgeFeatures: [
    [1, 0],
    [0.5, 2],
    [-1, 1],
    [0, 3],
  ],
};

/** Numbers at the nodes after so many rounds, edge by edge as the equations say. */
function byEquations(
  params: ReturnType<ReturnType<typeof dmpnn>['init']>,
  x: Tensor,
  graph: Graph,
  rounds: number,
): Tensor {
  const list = (t: Tensor): number[] => Array.from(t.dataSync());
  const [from, to, weights] = [list(graph.from), list(graph.to), list(graph.weights)];
  const row = (t: Tensor, i: number): Tensor => t.at(i);
  const none = tensor(new Float64Array(params.bias.size));
  const sum = (parts: readonly Tensor[]): Tensor => parts.reduce((a, b) => a.add(b), none);
  const starts = from.map((j, e) =>
    row(x, j).matmul(params.sender).add(row(graph.edgeFeatures, e).matmul(params.edge)),
  );
  const weighted = (values: readonly Tensor[]): Tensor[] =>
    values.map((value, e) => value.maximum(0).mul(weights[e] ?? 0));
  let messages = weighted(starts);
  for (let round = 1; round < rounds; round++) {
    messages = weighted(
      starts.map((start, e) => {
        const met = messages.filter((_, k) => to[k] === from[e] && from[k] !== to[e]);
        return start.add(sum(met).matmul(params.before));
      }),
    );
  }
  const rows = Array.from({ length: x.shape[0] ?? 0 }, (_, i) => {
    const arrived = sum(messages.filter((_, e) => to[e] === i));
    const own = row(x, i).matmul(params.own).add(params.bias);
    return list(own.add(arrived.matmul(params.arriving)).maximum(0));
  });
  return tensor(rows);
}

it.each([1, 2, 4])('sends along edges as the equations say, with %i rounds', (rounds) => {
  const layer = dmpnn(3, 4, 2, { rounds, dtype: 'float64' });
  const params = { ...layer.init(random.key(1)), bias: draw([4], 2) };
  const x = draw([5, 3], 3);
  for (const undirected of [true, false]) {
    const graph = graphBatch([kite], { ...options, undirected });
    const expected = byEquations(params, x, graph, rounds);
    expect(expected.max().item()).toBeGreaterThan(0.5);
    expect(far(layer.apply(params, x, graph), expected)).toBeLessThan(1e-13);
  }
});

it('says nothing new once all has been heard: in a tree nothing comes back', () => {
  const path: GraphData = {
    nodes: 4,
    edges: [
      [0, 1],
      [1, 2],
      [2, 3],
    ],
  };
  const ring: GraphData = { ...path, edges: [...(path.edges as number[][]), [3, 0]] };
  const x = draw([4, 3], 4);
  const after = (rounds: number | undefined, data: GraphData): Tensor => {
    const layer = dmpnn(3, 4, 0, { dtype: 'float64', ...(rounds !== undefined && { rounds }) });
    return layer.apply(layer.init(random.key(1)), x, graphBatch([data], options));
  };
  expect(far(after(2, path), after(3, path))).toBeGreaterThan(1e-3);
  expect(far(after(3, path), after(9, path))).toBeLessThan(1e-14);
  expect(far(after(undefined, ring), after(3, ring))).toBe(0);
  expect(far(after(undefined, ring), after(4, ring))).toBeGreaterThan(1e-3);
  expect(far(after(8, ring), after(9, ring))).toBeGreaterThan(1e-3);
});

it('has right derivatives, in the numbers of edges too', () => {
  const graph = graphBatch([kite], options);
  const layer = dmpnn(3, 4, 2, { dtype: 'float64' });
  checkGrads(
    (params: ReturnType<typeof layer.init>, x: Tensor, weights: Tensor, edgeFeatures: Tensor) =>
      layer
        .apply(params, x, { ...graph, weights, edgeFeatures })
        .square()
        .sum(),
    [layer.init(random.key(1)), draw([5, 3], 2), graph.weights, graph.edgeFeatures],
  );
});

it('does not hear along dropped edges', () => {
  const graph = graphBatch([kite], options);
  const layer = dmpnn(3, 4, 2, { dtype: 'float64' });
  const params = layer.init(random.key(1));
  const x = draw([5, 3], 2);
  const alone = graphBatch([{ nodes: 5, edges: [] }], options);
  const apart = { ...alone, edgeFeatures: draw([0, 2], 1) };
  expect(
    far(
      layer.apply(params, x, dropEdge(graph, 0.999999, random.key(0))),
      layer.apply(params, x, apart),
    ),
  ).toBe(0);
});

it('says what is wrong', () => {
  expect(() => dmpnn(2, 0, 2)).toThrow('dmpnn: the number of outputs is 0');
  expect(() => dmpnn(2, 2, -1)).toThrow('the number of edge features is -1');
  expect(() => dmpnn(2, 2, 2, { rounds: 0 })).toThrow('rounds is 0');
  const misspelled = { rounds: 2, round: 2 };
  expect(() => dmpnn(2, 2, 2, misspelled)).toThrow("there is no option 'round'");
  const [graph, x] = [graphBatch([kite], options), draw([5, 3], 1)];
  const wide = dmpnn(3, 4, 3, { dtype: 'float64' });
  expect(() => wide.apply(wide.init(random.key(0)), x, graph)).toThrow(
    'graph.edgeFeatures has shape [8, 2]; it must be [8, 3]',
  );
  const layer = dmpnn(3, 4, 2, { dtype: 'float64' });
  const params = layer.init(random.key(0));
  expect(() => layer.apply({ ...params, before: params.sender }, x, graph)).toThrow(
    "the parameter 'before' has shape [3, 4]; this layer needs [4, 4]",
  );
});
