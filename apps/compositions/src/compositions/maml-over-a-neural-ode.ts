import { matmul, random, type Tensor, tanh, tensor } from '@grad/core';
import { neuralOde } from '@grad/iterators';
import { maml } from '@grad/meta';
import type { Composition } from '../composition.ts';

interface Flow {
  readonly start: Tensor;
  readonly end: Tensor;
}

const ode = neuralOde({
  dynamics: (y, _, weights: Tensor) => tanh(matmul(y, weights)),
  rtol: 1e-10,
  atol: 1e-10,
});
const starts = random.normal(random.key(3), [4, 2]);

/** Points before and after they were turned. */
const turned = (angle: number): Flow => {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const rotation = tensor([
    [c, s],
    [-s, c],
  ]);
  return { start: starts, end: matmul(starts, rotation) };
};
const loss = (weights: Tensor, { start, end }: Flow): Tensor =>
  ode.apply(weights, start).sub(end).square().mean();
const learner = maml(loss, { innerSteps: 2, innerLearningRate: 0.3 });

/** The loss after two steps of gradient descent, each through the solution of a differential equation. */
export const mamlOverANeuralOde: Composition = {
  name: 'maml-over-a-neural-ode',
  title: 'MAML over a neural differential equation',
  packages: ['meta', 'iterators', 'solve'],
  variable: 'weights to start from',
  f: (weights) => learner(weights, { support: turned(0.4), query: turned(0.5) }).loss,
  x: tensor([
    [0.2, 0.5],
    [-0.4, 0.1],
  ]),
};
