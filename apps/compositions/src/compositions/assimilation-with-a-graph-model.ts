import { fourDVar } from '@grad/assimilation';
import { random, type Tensor, tree } from '@grad/core';
import { gcnConv, graphBatch } from '@grad/graph';
import type { Composition } from '../composition.ts';

/** Six stations, each next to two others, with one shortcut. */
const stations = 6;
const graph = graphBatch(
  [
    {
      nodes: stations,
      edges: [...Array(stations).keys()].map((i) => [i, (i + 1) % stations]).concat([[0, 3]]),
    },
  ],
  { undirected: true, dtype: 'float64' },
);
const [inner, outer] = [gcnConv(1, 3, { dtype: 'float64' }), gcnConv(3, 1, { dtype: 'float64' })];
const [weights, restore] = tree.ravel({
  inner: inner.init(random.key(10)),
  outer: outer.init(random.key(11)),
});

/** One step: messages from neighbors say by how much each station changes. */
const model =
  (params: ReturnType<typeof restore>) =>
  (state: Tensor): Tensor => {
    const hidden = inner.apply(params.inner, state.expandDims(1), graph).tanh();
    return state.add(outer.apply(params.outer, hidden, graph).reshape([stations]).mul(0.2));
  };
const observations = [
  { step: 4, value: [0.3, -0.1, 0.5], components: [0, 2, 4], R: 0.1 },
  { step: 8, value: [0.2, 0.4], components: [1, 5], R: 0.2 },
];
const background = [0.5, 0, -0.3, 0.2, 0.1, -0.4];

/** 4D-Var's cost after a step down its gradient, in the weights of a graph network that moves the state. */
export const assimilationWithAGraphModel: Composition = {
  name: 'assimilation-with-a-graph-model',
  title: '4D-Var with a learned graph model',
  packages: ['assimilation', 'graph'],
  variable: 'weights of the model',
  f: (at) => {
    const problem = fourDVar({ model: model(restore(at)), background, B: 0.5, observations });
    return problem.cost(problem.gradient(background).mul(-0.05).add(background));
  },
  x: weights,
};
