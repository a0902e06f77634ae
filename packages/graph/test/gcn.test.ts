import { grad, jit, random, scan, sparse, type Tensor, tensor, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { expect, it } from 'vitest';
import { type Graph, gcn2Beta, gcn2Conv, gcnConv, graphBatch } from '../src/index.ts';

const far = (a: Tensor, b: Tensor): number => a.sub(b).abs().max().item();
const draw = (shape: readonly number[], seed: number) => random.normal(random.key(seed), shape);

// A triangle with a tail, and a node alone.
const graph = graphBatch(
  [
    {
      nodes: 5,
      edges: [
        [0, 1],
        [1, 2],
        [2, 0],
        [2, 3],
      ],
      weights: [1, 2, 0.5, 1],
    },
  ],
  { undirected: true, dtype: 'float64' },
);

/** D^(-1/2) (A + I) D^(-1/2), written out. */
function diffusion(): Tensor {
  const A = [
    [1, 1, 0.5, 0, 0],
    [1, 1, 2, 0, 0],
    [0.5, 2, 1, 1, 0],
    [0, 0, 1, 1, 0],
    [0, 0, 0, 0, 1],
  ];
  const d = A.map((row) => row.reduce((sum, a) => sum + a, 0));
  return tensor(A.map((row, i) => row.map((a, j) => a / Math.sqrt((d[i] ?? 0) * (d[j] ?? 0)))));
}

it('gcnConv is the published product of matrices', () => {
  const layer = gcnConv(3, 2, { dtype: 'float64' });
  const params = { weight: draw([3, 2], 1), bias: draw([2], 2) };
  const x = draw([5, 3], 3);
  const expected = diffusion().matmul(x).matmul(params.weight).add(params.bias);
  expect(far(layer.apply(params, x, graph), expected)).toBeLessThan(1e-14);
  const thin = sparse.fromDense(x);
  expect(far(layer.apply(params, thin, graph), expected)).toBeLessThan(1e-14);
  const wide = { data: thin.data, pattern: sparse.fromDense(draw([5, 4], 1)).pattern };
  expect(() => layer.apply(params, wide, graph)).toThrow('of shape [5, 4]; it must be [5, 3]');
});

it('gcn2Conv is the published product of matrices', () => {
  const layer = gcn2Conv(3, { alpha: 0.2, beta: 0.3, dtype: 'float64' });
  const { weight } = layer.init(random.key(1));
  const [x, first] = [draw([5, 3], 3), draw([5, 3], 4)];
  const mixed = diffusion().matmul(x).mul(0.8).add(first.mul(0.2));
  const expected = mixed.mul(0.7).add(mixed.matmul(weight).mul(0.3));
  expect(far(layer.apply({ weight }, x, graph, first), expected)).toBeLessThan(1e-14);
  const other = layer.apply({ weight }, x, graph, first, { beta: tensor(0) });
  expect(far(other, mixed)).toBeLessThan(1e-14);
  expect(gcn2Beta(2, 0.5)).toBeCloseTo(Math.log(1.25), 15);
});

it('directed edges bring messages one way', () => {
  const arrow = graphBatch([{ nodes: 2, edges: [[0, 1]] }], { dtype: 'float64' });
  const y = gcnConv(1, 1, { bias: false, dtype: 'float64' }).apply(
    { weight: tensor([[1]]) },
    [[1], [0]],
    arrow,
  );
  expect(far(y, tensor([[1], [Math.SQRT1_2]]))).toBeLessThan(1e-15);
});

it('layers have right derivatives in parameters, input and weights of edges', () => {
  const plain = gcnConv(3, 2, { dtype: 'float64' });
  const deep = gcn2Conv(2, { beta: 0.4, dtype: 'float64' });
  const start = [plain.init(random.key(1)), deep.init(random.key(2))] as const;
  checkGrads(
    (params: typeof start, x: Tensor, weights: Tensor) => {
      const own: Graph = { ...graph, weights };
      const h = plain.apply(params[0], x, own).tanh();
      return deep.apply(params[1], h, own, h).square().sum();
    },
    [start, draw([5, 3], 3), graph.weights],
  );
});

it('layers can be compiled, batched, and looped over', () => {
  const layer = gcn2Conv(2, { dtype: 'float64' });
  const [weights, x] = [draw([4, 2, 2], 1), draw([3, 5, 2], 2)];
  const looped = (all: Tensor, first: Tensor) =>
    scan(
      (h: Tensor, weight: Tensor) => [layer.apply({ weight }, h, graph, first), null],
      first,
      all,
    )[0];
  const unrolled = (all: Tensor, first: Tensor) =>
    [0, 1, 2, 3].reduce((h, l) => layer.apply({ weight: all.at(l) }, h, graph, first), first);
  const loss = (f: typeof looped) => (all: Tensor, u: Tensor) =>
    vmap(f, { inAxes: [null, 0] })(all, u)
      .square()
      .sum();
  expect(loss(looped)(weights, x).item()).toBeCloseTo(
    [0, 1, 2].reduce((sum, k) => sum + unrolled(weights, x.at(k)).square().sum().item(), 0),
    11,
  );
  const slopes = [looped, unrolled].map((f) => jit(grad(loss(f)))(weights, x));
  expect(far(slopes[0] ?? x, slopes[1] ?? x)).toBeLessThan(1e-12);
});

it('float32 is the default, and float64 features are converted', () => {
  const layer = gcnConv(3, 2);
  expect(layer.apply(layer.init(random.key(0)), draw([5, 3], 1), graph).dtype).toBe('float32');
});

it('says what is wrong', () => {
  expect(() => gcn2Conv(0)).toThrow('the number of features is 0');
  expect(() => gcn2Conv(2, { alpha: 2 })).toThrow('alpha is 2; give a number from 0 to 1');
  expect(() => gcn2Beta(0, 1)).toThrow('the layer is 0');
  expect(() => gcn2Beta(1, 0)).toThrow('lambda is 0');
  const misspelled = { bias: true, heads: 2 };
  expect(() => gcnConv(2, 2, misspelled)).toThrow("there is no option 'heads'");
  const layer = gcn2Conv(2);
  expect(() =>
    layer.apply({ weight: draw([2, 2], 1) }, draw([5, 2], 1), graph, draw([4, 2], 1)),
  ).toThrow('x has shape [4, 2]; it must be [5, 2]');
});
