import { grad, jit, random, type Tensor, tensor, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { expect, it } from 'vitest';
import { type Graph, graphBatch, mpnn, pool } from '../src/index.ts';

const far = (a: Tensor, b: Tensor): number => a.sub(b).abs().max().item();
const draw = (shape: readonly number[], seed: number) => random.normal(random.key(seed), shape);
const numbers = (t: Tensor): number[] => Array.from(t.dataSync());
const path = {
  nodes: 3,
  edges: [
    [0, 1],
    [1, 2],
  ],
  edgeFeatures: [
    [1, 0],
    [0.5, 2],
  ],
};
const graph = graphBatch([path, { nodes: 1, edges: [] }], { undirected: true, dtype: 'float64' });

it('sends, sums and updates as the equations say', () => {
  const layer = mpnn(2, 2, { messages: 3, dtype: 'float64' });
  const start = layer.init(random.key(1));
  const params = { ...start, messageBias: draw([3], 2), bias: draw([6], 3), newBias: draw([2], 4) };
  const x = draw([4, 2], 5);
  const rows = Array.from({ length: 4 }, (_, i) => x.at(i));
  const arrivals: Readonly<
    Record<number, readonly (readonly [from: number, edge: readonly number[]])[]>
  > = {
    0: [[1, [1, 0]]],
    1: [
      [0, [1, 0]],
      [2, [0.5, 2]],
    ],
    2: [[1, [0.5, 2]]],
    3: [],
  };
  const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
  const got = layer.apply(params, x, graph);
  rows.forEach((row, i) => {
    let sum = tensor([0, 0, 0]);
    for (const [from, edge] of arrivals[i] ?? []) {
      const sender = rows[from] ?? row;
      sum = sum.add(
        sender
          .matmul(params.sender)
          .add(row.matmul(params.receiver))
          .add(tensor(edge).matmul(params.edge))
          .add(params.messageBias)
          .maximum(0),
      );
    }
    const arriving = numbers(sum.matmul(params.arriving).add(params.bias));
    const own = numbers(row.matmul(params.own));
    const [h, extra] = [numbers(row), numbers(params.newBias)];
    for (const k of [0, 1]) {
      const part = (list: readonly number[], gate: number) => list[2 * gate + k] ?? Number.NaN;
      const r = sigmoid(part(arriving, 0) + part(own, 0));
      const z = sigmoid(part(arriving, 1) + part(own, 1));
      const n = Math.tanh(part(arriving, 2) + r * (part(own, 2) + (extra[k] ?? 0)));
      expect(got.at(i, k).item()).toBeCloseTo((1 - z) * n + z * (h[k] ?? 0), 13);
    }
  });
});

it('has right derivatives', () => {
  const layer = mpnn(2, 2, { dtype: 'float64' });
  checkGrads(
    (params: ReturnType<typeof layer.init>, x: Tensor, weights: Tensor) => {
      const own: Graph = { ...graph, weights };
      return pool(layer.apply(params, x, own), own)
        .square()
        .sum();
    },
    [layer.init(random.key(1)), draw([4, 2], 2), graph.weights],
  );
});

it('gives the same for each graph of a batch, whatever fills it up', () => {
  for (const aggregate of ['sum', 'mean'] as const) {
    const layer = mpnn(2, 2, { aggregate, dtype: 'float64' });
    const params = layer.init(random.key(1));
    const x = draw([4, 2], 2);
    const full = graphBatch([path, { nodes: 1, edges: [] }], {
      undirected: true,
      dtype: 'float64',
      size: { nodes: 7, edges: 9, graphs: 4 },
    });
    const more = draw([7, 2], 3)
      .mul(0)
      .add(tensor([[9, 9]]));
    const wide = tensor([...numbers(x), ...numbers(more.at([4, 7]))]).reshape([7, 2]);
    const run = jit((p: typeof params, u: Tensor, g: Graph) => layer.apply(p, u, g));
    expect(far(run(params, wide, full).at([0, 4]), layer.apply(params, x, graph))).toBeLessThan(
      1e-15,
    );
    const batched = vmap((u: Tensor) => layer.apply(params, u, graph))(draw([3, 4, 2], 4));
    expect(far(batched.at(1), layer.apply(params, draw([3, 4, 2], 4).at(1), graph))).toBeLessThan(
      1e-14,
    );
    expect(numbers(pool(wide, full, { mode: 'max' }).at([2, 4]))).toEqual([0, 0, 0, 0]);
  }
});

it('the mean is what a message from a single neighbor is', () => {
  const sum = mpnn(2, 0, { dtype: 'float64' });
  const mean = mpnn(2, 0, { aggregate: 'mean', dtype: 'float64' });
  const star = {
    nodes: 4,
    edges: [
      [1, 0],
      [2, 0],
      [3, 0],
    ],
  };
  const pair = { nodes: 2, edges: [[1, 0]] };
  const params = sum.init(random.key(3));
  const [x, alike] = [
    tensor([
      [1, 2],
      [3, -1],
    ]),
    tensor([
      [1, 2],
      [3, -1],
      [3, -1],
      [3, -1],
    ]),
  ];
  const options = { dtype: 'float64' } as const;
  const single = sum.apply(params, x, graphBatch([pair], options)).at(0);
  expect(far(mean.apply(params, alike, graphBatch([star], options)).at(0), single)).toBeLessThan(
    1e-15,
  );
  expect(far(sum.apply(params, alike, graphBatch([star], options)).at(0), single)).toBeGreaterThan(
    1e-3,
  );
});

it('pools by graph', () => {
  const two = graphBatch([path, { nodes: 2, edges: [] }, { nodes: 0, edges: [] }], {
    dtype: 'float64',
  });
  const x = tensor([
    [1, -1],
    [2, -2],
    [3, -6],
    [10, 0],
    [20, -4],
  ]);
  expect(pool(x, two).toArray()).toEqual([
    [6, -9],
    [30, -4],
    [0, 0],
  ]);
  expect(pool(x, two, { mode: 'mean' }).toArray()).toEqual([
    [2, -3],
    [15, -2],
    [0, 0],
  ]);
  expect(pool(x, two, { mode: 'max' }).toArray()).toEqual([
    [3, -1],
    [20, 0],
    [0, 0],
  ]);
  for (const mode of ['sum', 'mean', 'max'] as const) {
    checkGrads((u: Tensor) => pool(u, two, { mode }).square().sum(), [x]);
  }
});

it('float32 is the default', () => {
  const layer = mpnn(2, 2);
  const small = graphBatch([path]);
  const loss = (params: ReturnType<typeof layer.init>) =>
    layer.apply(params, draw([3, 2], 1), small).sum();
  expect(grad(loss)(layer.init(random.key(0))).edge.dtype).toBe('float32');
});

it('says what is wrong', () => {
  expect(() => mpnn(2, -1)).toThrow('the number of edge features is -1');
  expect(() => mpnn(2, 2, { messages: 0 })).toThrow('messages is 0');
  const layer = mpnn(2, 3, { dtype: 'float64' });
  expect(() => layer.apply(layer.init(random.key(0)), draw([4, 2], 1), graph)).toThrow(
    'graph.edgeFeatures has shape [4, 2]; it must be [4, 3]',
  );
  expect(() => pool(draw([3, 2], 1), graph)).toThrow(
    'pool: x has shape [3, 2]; it must be [4, features]',
  );
});
