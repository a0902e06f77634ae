import { grad, jit, type Tensor, tensor } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { expect, it } from 'vitest';
import {
  dirichletEnergy,
  gcnConv,
  graphBatch,
  influence,
  layerProfile,
  meanAverageDistance,
  propagate,
} from '../src/index.ts';
import { cycle } from './cycle.ts';

const numbers = (t: Tensor) => {
  const data = t.dataSync();
  return { at: (i: number): number => data[i] ?? Number.NaN };
};
const far = (a: Tensor, b: Tensor): number => a.sub(b).abs().max().item();

it('the energy on a cycle falls by mu^2 in each layer, the gradient by mu', () => {
  const { graph, x, mu } = cycle(12);
  const layers = 64;
  const profile = jit((h: Tensor) =>
    layerProfile(
      Array.from({ length: layers }, () => (u: Tensor) => propagate(u, graph)),
      h,
      graph,
      (u) => u.mul(x).sum(),
    ),
  )(x);
  const [energies, norms] = [numbers(profile.energies), numbers(profile.gradientNorms)];
  expect(profile.energies.shape).toEqual([layers + 1]);
  for (let l = 0; l <= layers; l++) {
    expect(energies.at(l) / energies.at(0) / mu ** (2 * l)).toBeCloseTo(1, 11);
    expect(norms.at(layers - l) / norms.at(layers) / mu ** l).toBeCloseTo(1, 11);
  }
  // ((1 + sqrt 3) / 3)^128, in decimal arithmetic of 40 digits.
  expect(energies.at(layers) / energies.at(0) / 6.295672971310355e-6).toBeCloseTo(1, 12);
});

it('a convolution without a weight of its own is the diffusion', () => {
  const { graph, x, mu } = cycle(7);
  const layer = gcnConv(1, 1, { bias: false, dtype: 'float64' });
  expect(far(layer.apply({ weight: tensor([[1]]) }, x, graph), x.mul(mu))).toBeLessThan(1e-15);
  const slope = grad((h: Tensor) =>
    layer
      .apply({ weight: tensor([[2]]) }, h, graph)
      .mul(x)
      .sum(),
  )(x);
  expect(far(slope, x.mul(2 * mu))).toBeLessThan(1e-15);
});

it('the energy is the quadratic form of the Laplacian', () => {
  const graph = graphBatch(
    [
      {
        nodes: 4,
        edges: [
          [0, 1],
          [1, 2],
          [2, 0],
        ],
        weights: [1, 2, 0.5],
      },
    ],
    { undirected: true, dtype: 'float64' },
  );
  const x = tensor([
    [1, 0],
    [0, 2],
    [-1, 1],
    [5, 5],
  ]);
  // Sums of w |x_i - x_j|^2: 1 (1 + 4) + 2 (1 + 1) + 0.5 (4 + 1)
  expect(dirichletEnergy(x, graph, { normalized: false }).item()).toBeCloseTo(11.5, 13);
  const smooth = propagate(x, graph);
  const inner = x.mul(x).sum().sub(x.mul(smooth).sum());
  expect(dirichletEnergy(x, graph).item()).toBeCloseTo(inner.item(), 12);
});

it('distances are those between directions', () => {
  const edges = [
    [0, 1],
    [1, 2],
  ];
  const graph = graphBatch(
    [
      { nodes: 3, edges },
      { nodes: 2, edges: [] },
    ],
    {
      undirected: true,
      dtype: 'float64',
      size: { nodes: 7, edges: 6, graphs: 3 },
    },
  );
  const x = tensor([
    [1, 0],
    [0, 3],
    [-2, 0],
    [1, 1],
    [2, 2],
    [4, -4],
    [1, -1],
  ]);
  // All pairs of the first graph: 1, 1 and 2; of the second: 0, so its nodes do not count.
  expect(meanAverageDistance(x, graph).item()).toBeCloseTo((3 / 2 + 1 + 3 / 2) / 3, 14);
  expect(meanAverageDistance(x, graph, { pairs: 'neighbors' }).item()).toBeCloseTo(1, 14);
  const same = tensor(Array.from({ length: 7 }, (_, i) => [i + 1, 2 * i + 2]));
  expect(meanAverageDistance(same, graph).item()).toBe(0);
});

it('influence spreads as walks do', () => {
  const { graph, x } = cycle(9);
  const twice = (h: Tensor) => propagate(propagate(h, graph), graph);
  const table = influence(twice, x);
  const walks = [3, 2, 1, 0, 0, 0, 0, 1, 2].map((ways) => ways / 9);
  expect(far(table.at(0), tensor(walks))).toBeLessThan(1e-15);
  expect(far(table.sum({ axis: 1 }), tensor(Array(9).fill(1)))).toBeLessThan(1e-15);
  const some = influence((h) => twice(h).mul(-3), x, { nodes: [4], normalized: true });
  expect(some.shape).toEqual([1, 9]);
  expect(far(some.at(0), table.at(4))).toBeLessThan(1e-15);
  const inside = jit((h: Tensor) => influence((u) => twice(u.mul(u)), h, { nodes: [0] }))(x);
  expect(far(inside.at(0), tensor(walks).mul(x.reshape([9]).abs().mul(2)))).toBeLessThan(1e-14);
});

it('influence sums absolute values over features', () => {
  const graph = graphBatch([{ nodes: 2, edges: [] }], { dtype: 'float64' });
  const layer = gcnConv(2, 3, { dtype: 'float64', bias: false });
  const weight = tensor([
    [1, -2, 3],
    [0.5, 0, -0.25],
  ]);
  const table = influence(
    (h) => layer.apply({ weight }, h, graph),
    tensor([
      [1, 2],
      [3, 4],
    ]),
  );
  expect(table.toArray()).toEqual([
    [6.75, 0],
    [0, 6.75],
  ]);
});

it('measures have right derivatives', () => {
  const graph = graphBatch(
    [
      {
        nodes: 4,
        edges: [
          [0, 1],
          [1, 2],
          [2, 3],
          [3, 1],
        ],
      },
    ],
    {
      undirected: true,
      dtype: 'float64',
    },
  );
  const x = tensor([
    [1, 0.5],
    [0.2, 2],
    [-1, 1],
    [0.3, -0.7],
  ]);
  const withWeights = (weights: Tensor) => ({ ...graph, weights });
  checkGrads(
    (h: Tensor, w: Tensor) => dirichletEnergy(propagate(h, withWeights(w)), withWeights(w)),
    [x, graph.weights],
  );
  checkGrads((h: Tensor) => meanAverageDistance(h, graph), [x]);
  checkGrads((h: Tensor) => meanAverageDistance(h, graph, { pairs: 'neighbors' }), [x]);
  checkGrads(
    (h: Tensor) =>
      influence((u) => propagate(u.mul(u).mul(u), graph), h)
        .square()
        .sum(),
    [x],
  );
});

it('says what is wrong', () => {
  const { graph, x } = cycle(5);
  expect(() => dirichletEnergy(tensor([[1]]), graph)).toThrow(
    'x has shape [1, 1]; it must be [5, features]',
  );
  expect(() => influence((h) => h, x, { nodes: [5] })).toThrow(
    'there is no node 5; nodes are numbered 0 to 4',
  );
  expect(() => influence((h) => h.sum(), x)).toThrow('f(x) has shape []');
  expect(() => gcnConv(0, 2)).toThrow('the number of inputs is 0');
  expect(() => gcnConv(2, 2).apply({ weight: tensor([[1]]) }, x, graph)).toThrow(
    "the parameter 'weight' has shape [1, 1]; this layer needs [2, 2]",
  );
});
