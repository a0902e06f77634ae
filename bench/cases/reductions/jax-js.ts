import { jit, nn, numpy as np } from '@jax-js/jax';
import { calling, given } from '../../src/peers/start-jax-js.ts';
import { numberOf, type Prepare } from '../../src/suite.ts';

const operations: Readonly<Record<string, (x: np.Array, axis: number) => np.Array>> = {
  sum: (x, axis) => np.sum(x, axis),
  mean: (x, axis) => np.mean(x, axis),
  max: (x, axis) => np.max(x, axis),
  softmax: (x, axis) => nn.softmax(x, axis),
  logsumexp: (x, axis) => nn.logsumexp(x, axis),
  cumsum: (x, axis) => np.cumsum(x, axis),
};

export const prepare: Prepare = (inputs, options) => {
  const operation = operations[`${options['operation']}`];
  if (!operation) return null;
  const axis = numberOf(options, 'axis');
  const [f, x] = [jit((x: np.Array) => operation(x, axis)), given(inputs, 'x')];
  return calling(() => f(x.ref));
};
