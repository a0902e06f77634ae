import { fourDVar } from '@grad/assimilation';
import { random, type Tensor, tanh, tree } from '@grad/core';
import { mlp } from '@grad/nn';
import type { Composition } from '../composition.ts';

const network = mlp([3, 4, 3], { activation: tanh, dtype: 'float64' });
const [weights, restore] = tree.ravel(network.init(random.key(4)));

/** One step of a network that says by how much the state changes. */
const model =
  (parameters: ReturnType<typeof restore>) =>
  (state: Tensor): Tensor =>
    state.add(network.apply(parameters, state.expandDims(0)).at(0).mul(0.1));
const observations = [5, 10, 15].map((step, k) => ({
  step,
  value: [0.4 * Math.cos(k), 0.3, -0.2 * k],
}));
const background = [0.5, -0.2, 0.1];

/**
 * 4D-Var's cost after a step down its gradient, in the weights of the model: the adjoint model of a
 * network is differentiated once more.
 */
export const assimilationWithALearnedModel: Composition = {
  name: 'assimilation-with-a-learned-model',
  title: '4D-Var with a learned model',
  packages: ['assimilation', 'nn'],
  variable: 'weights of the model',
  f: (at) => {
    const problem = fourDVar({ model: model(restore(at)), background, B: 1, R: 0.5, observations });
    return problem.cost(problem.gradient(background).mul(-0.1).add(background));
  },
  x: weights,
};
