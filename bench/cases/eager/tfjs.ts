import * as tf from '@tensorflow/tfjs';
import { calling, given } from '../../src/peers/start-tfjs.ts';
import type { Prepare } from '../../src/suite.ts';

export const prepare: Prepare = (inputs, { operation }) => {
  const [x, y] = [given(inputs, 'x'), given(inputs, 'y')];
  const calls = {
    add: () => tf.add(x, y),
    matmul: () => tf.matMul(x, y),
    sum: () => tf.sum(x),
  };
  return calling(calls[operation === 'matmul' || operation === 'sum' ? operation : 'add']);
};
