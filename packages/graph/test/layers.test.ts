import { grad, jit, random, type Tensor, tensor, tree, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, it } from 'vitest';
import {
  dmpnn,
  dropEdge,
  type Graph,
  type GraphData,
  type GraphLayer,
  gatConv,
  gcnConv,
  ginConv,
  graphBatch,
  jumpingKnowledge,
  pairNorm,
  sageConv,
} from '../src/index.ts';

const far = (a: Tensor, b: Tensor): number => a.sub(b).abs().max().item();
const draw = (shape: readonly number[], seed: number) => random.normal(random.key(seed), shape);
const numbers = (t: Tensor): number[] => Array.from(t.dataSync());

// A triangle with a tail and a node alone, and a pair.
const house: GraphData = {
  nodes: 5,
  edges: [
    [0, 1],
    [1, 2],
    [2, 0],
    [2, 3],
  ],
  weights: [1, 2, 0.5, 1],
};
const pair: GraphData = { nodes: 2, edges: [[0, 1]], weights: [1] };
const options = { undirected: true, dtype: 'float64' } as const;
const graph = graphBatch([house, pair], options);
const x = draw([7, 3], 11);
/** Edges into each node, with weights. */
const into: readonly (readonly (readonly [from: number, weight: number])[])[] = [
  [
    [1, 1],
    [2, 0.5],
  ],
  [
    [0, 1],
    [2, 2],
  ],
  [
    [1, 2],
    [0, 0.5],
    [3, 1],
  ],
  [[2, 1]],
  [],
  [[6, 1]],
  [[5, 1]],
];
const row = (t: Tensor, i: number): number[] => numbers(t.at(i));

const layers: readonly [string, () => GraphLayer<object>][] = [
  ['gcnConv', () => gcnConv(3, 4, { dtype: 'float64' })],
  ['sageConv', () => sageConv(3, 4, { dtype: 'float64' })],
  ['sageConv with max', () => sageConv(3, 4, { dtype: 'float64', aggregate: 'max' })],
  ['gatConv', () => gatConv(3, 4, { dtype: 'float64', heads: 2 })],
  ['gatConv, averaged', () => gatConv(3, 4, { dtype: 'float64', heads: 3, concatenated: false })],
  ['ginConv', () => ginConv(3, 4, { dtype: 'float64', hidden: 5 })],
  ['dmpnn', () => dmpnn(3, 4, 0, { dtype: 'float64', rounds: 2 })],
];

describe.each(layers)('%s', (_, make) => {
  const layer = make();
  const params = tree.map(
    (leaf: Tensor, noise: Tensor) => leaf.add(noise),
    layer.init(random.key(2)),
    tree.map((leaf: Tensor) => draw(leaf.shape, 3 + leaf.size).mul(0.1), layer.init(random.key(2))),
  );

  it('has right derivatives, in the weights of edges too', () => {
    checkGrads(
      (p: typeof params, u: Tensor, weights: Tensor) => {
        const own: Graph = { ...graph, weights };
        return layer.apply(p, u, own).square().sum();
      },
      [params, x, graph.weights],
    );
  });

  it('gives the same compiled, filled up, and in batches', () => {
    const run = jit((p: typeof params, u: Tensor, g: Graph) => layer.apply(p, u, g));
    const whole = layer.apply(params, x, graph);
    expect(far(run(params, x, graph), whole)).toBeLessThan(1e-13);
    const filled = graphBatch([house, pair], {
      ...options,
      size: { nodes: 9, edges: 14, graphs: 4 },
    });
    const wide = tensor([...numbers(x), 7, 7, 7, 9, 9, 9]).reshape([9, 3]);
    expect(far(run(params, wide, filled).at([0, 7]), whole)).toBeLessThan(1e-13);
    expect(
      far(run(params, x.at([5, 7]), graphBatch([pair], options)), whole.at([5, 7])),
    ).toBeLessThan(1e-13);
    const two = vmap((u: Tensor) => layer.apply(params, u, graph))(draw([2, 7, 3], 9));
    expect(far(two.at(1), layer.apply(params, draw([2, 7, 3], 9).at(1), graph))).toBeLessThan(
      1e-13,
    );
  });

  it('does not know the order of nodes', () => {
    const order = [3, 0, 4, 2, 1];
    const renamed = {
      ...house,
      edges: [
        [3, 0],
        [0, 4],
        [4, 3],
        [4, 2],
      ],
    };
    // Node i of the house is named [3, 0, 4, 2, 1][i].
    const other = graphBatch([renamed], options);
    const moved = tensor(order.map((_, name) => row(x, order.indexOf(name))));
    const before = layer.apply(params, x.at([0, 5]), graphBatch([house], options));
    const after = layer.apply(params, moved, other);
    order.forEach((name, i) => {
      expect(far(after.at(name), before.at(i))).toBeLessThan(1e-13);
    });
  });

  it('checks shapes', () => {
    expect(() => layer.apply(params, draw([7, 2], 1), graph)).toThrow(
      'x has shape [7, 2]; it must be [7, 3]',
    );
  });
});

it('sageConv averages, or takes the largest, of the neighbors', () => {
  const mean = sageConv(3, 2, { dtype: 'float64' });
  const params = { ...mean.init(random.key(1)), bias: tensor([1, 2]) };
  const expected = into.map((edges) =>
    [0, 1, 2].map((k) => {
      const total = edges.reduce((sum, [, w]) => sum + w, 0);
      return edges.reduce((sum, [from, w]) => sum + w * (row(x, from)[k] ?? 0), 0) / (total || 1);
    }),
  );
  const of = (met: readonly (readonly number[])[], p: typeof params) =>
    x.matmul(p.own).add(tensor(met).matmul(p.neighbors)).add(p.bias);
  expect(far(mean.apply(params, x, graph), of(expected, params))).toBeLessThan(1e-14);

  const largest = sageConv(3, 2, { dtype: 'float64', aggregate: 'max' });
  const own = largest.init(random.key(2));
  const pooled = x.matmul(own.pooled ?? x).maximum(0);
  const most = into.map((edges) =>
    [0, 1, 2].map((k) => Math.max(0, ...edges.map(([from]) => row(pooled, from)[k] ?? 0))),
  );
  expect(
    far(largest.apply(own, x, graph), of(most, { ...own, bias: tensor([0, 0]) })),
  ).toBeLessThan(1e-14);
});

it('gatConv attends as published', () => {
  const layer = gatConv(3, 4, { dtype: 'float64', heads: 2 });
  const params = { ...layer.init(random.key(4)), bias: tensor([1, 2, 3, 4]) };
  const sent = x.matmul(params.weight);
  const expected = into.map((edges, i) =>
    [0, 1].flatMap((head) => {
      const part = (node: number) => row(sent, node).slice(2 * head, 2 * head + 2);
      const dot = (a: readonly number[], b: readonly number[]) =>
        a.reduce((s, v, k) => s + v * (b[k] ?? 0), 0);
      const score = (j: number) => {
        const e = dot(part(i), row(params.receiver, head)) + dot(part(j), row(params.sender, head));
        return Math.exp(e > 0 ? e : 0.2 * e);
      };
      const shares = [...edges, [i, 1] as const].map(([j, w]) => ({ j, share: w * score(j) }));
      const total = shares.reduce((sum, { share }) => sum + share, 0);
      return [0, 1].map(
        (k) =>
          shares.reduce((sum, { j, share }) => sum + (share / total) * (part(j)[k] ?? 0), 0) +
          2 * head +
          k +
          1,
      );
    }),
  );
  expect(far(layer.apply(params, x, graph), tensor(expected))).toBeLessThan(1e-13);
  // Large scores overflow nothing.
  const large = layer.apply({ ...params, sender: params.sender.mul(1e5) }, x, graph);
  expect(numbers(large).every(Number.isFinite)).toBe(true);
});

it('ginConv sums, and counts the node itself', () => {
  const layer = ginConv(3, 2, { dtype: 'float64', hidden: 3 });
  const start = layer.init(random.key(5));
  const params = { ...start, eps: tensor(0.5) };
  const sums = into.map((edges, i) =>
    [0, 1, 2].map(
      (k) =>
        edges.reduce((sum, [from, w]) => sum + w * (row(x, from)[k] ?? 0), 0) +
        1.5 * (row(x, i)[k] ?? 0),
    ),
  );
  const leaves = tree.leaves(start.network);
  const [bias1, weight1, bias2, weight2] = leaves;
  if (!bias1 || !weight1 || !bias2 || !weight2) throw new Error('a network of two layers');
  const expected = tensor(sums).matmul(weight1).add(bias1).maximum(0).matmul(weight2).add(bias2);
  expect(far(layer.apply(params, x, graph), expected)).toBeLessThan(1e-14);
});

it('pairNorm keeps the mean squared length of each graph, whatever fills it up', () => {
  const filled = graphBatch([house, pair, { nodes: 1, edges: [] }], {
    ...options,
    size: { nodes: 10, edges: 12, graphs: 5 },
  });
  const y = pairNorm(draw([10, 3], 6), filled, { scale: 2 });
  for (const [from, to] of [
    [0, 5],
    [5, 7],
  ] as const) {
    const part = y.at([from, to]);
    expect(part.sum({ axis: 0 }).abs().max().item()).toBeLessThan(1e-14);
    expect(part.square().sum().item() / (to - from)).toBeCloseTo(4, 13);
  }
  // A single node is its own mean.
  expect(y.at([7, 10]).abs().max().item()).toBe(0);
  checkGrads(
    (u: Tensor) =>
      pairNorm(u, graph)
        .mul(draw([7, 3], 8))
        .sum(),
    [x],
  );
  const still = grad((u: Tensor) => pairNorm(u, graph).square().sum())(x.mul(0));
  expect(numbers(still).every(Number.isFinite)).toBe(true);
  expect(() => pairNorm(x, graph, { scale: 0 })).toThrow('scale is 0; give a positive number');
});

it('dropEdge drops a share of the edges, both directions together', () => {
  const nodes = 200;
  const places = Array.from({ length: nodes }, (_, i) => i);
  const large = graphBatch(
    [{ nodes, edges: places.flatMap((i) => [1, 2, 3, 4, 5].map((k) => [i, (i + k) % nodes])) }],
    options,
  );
  const thin = dropEdge(large, 0.3, random.key(1));
  const share = thin.weights.mean().item();
  // 1000 draws: three standard deviations.
  expect(Math.abs(share - 0.7)).toBeLessThan(3 * Math.sqrt(0.21 / 1000));
  const [weights, reverse] = [numbers(thin.weights), numbers(thin.reverse)];
  expect(reverse.every((other, e) => weights[other] === weights[e])).toBe(true);
  const single = numbers(dropEdge(large, 0.3, random.key(1), { together: false }).weights);
  expect(reverse.some((other, e) => single[other] !== single[e])).toBe(true);
  expect(dropEdge(large, 0, random.key(1)).weights.sum().item()).toBe(2000);
  expect(numbers(dropEdge(large, 0.3, random.key(2)).weights)).not.toEqual(weights);
  expect(() => dropEdge(large, 1, random.key(0))).toThrow(
    'the rate is 1; give a number of 0 or more, less than 1',
  );
});

it('jumpingKnowledge joins layers, or takes the largest', () => {
  const [a, b] = [
    tensor([
      [1, 5],
      [2, 0],
    ]),
    tensor([
      [3, 4],
      [1, 1],
    ]),
  ];
  expect(jumpingKnowledge([a, b]).toArray()).toEqual([
    [1, 5, 3, 4],
    [2, 0, 1, 1],
  ]);
  expect(jumpingKnowledge([a, b], { mode: 'max' }).toArray()).toEqual([
    [3, 5],
    [2, 1],
  ]);
  checkGrads(
    (u: Tensor) =>
      jumpingKnowledge([u, u.square().mul(0.3)], { mode: 'max' })
        .sin()
        .sum(),
    [x],
  );
  expect(() => jumpingKnowledge([])).toThrow('give one layer or more');
  expect(() => jumpingKnowledge([a, b.at([0, 1])])).toThrow(
    'layer 1 has shape [1, 2], the first one [2, 2]',
  );
});

it('says what is wrong', () => {
  expect(() => gatConv(2, 3, { heads: 2 })).toThrow('2 heads cannot share 3 outputs');
  expect(() => ginConv(2, 2, { hidden: 0 })).toThrow('hidden is 0');
  expect(() => sageConv(2, 0)).toThrow('the number of outputs is 0');
  expect(sageConv(2, 2).init(random.key(0)).own.dtype).toBe('float32');
});
