import { numpy as np } from '@jax-js/jax';
import { calling, given } from '../../src/peers/start-jax-js.ts';
import type { Prepare } from '../../src/suite.ts';

export const prepare: Prepare = (inputs, { operation }) => {
  const [x, y] = [given(inputs, 'x'), given(inputs, 'y')];
  const calls = {
    add: () => np.add(x.ref, y.ref),
    matmul: () => np.matmul(x.ref, y.ref),
    sum: () => np.sum(x.ref),
  };
  return calling(calls[operation === 'matmul' || operation === 'sum' ? operation : 'add']);
};
