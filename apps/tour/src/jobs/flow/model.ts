import { concatenate, random, type Tensor, tanh } from '@grad/core';
import { cnf } from '@grad/iterators';
import { mlp } from '@grad/nn';

/** The network that gives velocities from place and time. */
const velocity = mlp([3, 48, 2], { activation: tanh, dtype: 'float64' });

export type Weights = ReturnType<typeof velocity.init>;

export function firstWeights(seed: number): Weights {
  return velocity.init(random.key(seed));
}

/** The flow, in steps that are good enough to train with. */
export const flow = cnf({
  dimension: 2,
  dynamics: (x, t, weights: Weights): Tensor => {
    const time = x.at(null, [0, 1]).mul(0).add(t);
    return velocity.apply(weights, concatenate([x, time], { axis: 1 })).mul(2);
  },
  method: 'rk4',
  stepSize: 0.125,
});
