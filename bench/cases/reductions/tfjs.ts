import * as tf from '@tensorflow/tfjs';
import { calling, given } from '../../src/peers/start-tfjs.ts';
import { numberOf, type Prepare } from '../../src/suite.ts';

// Its softmax goes along the last axis only.
const softmax = (x: tf.Tensor, axis: number): tf.Tensor =>
  axis === 1 ? tf.softmax(x) : tf.transpose(tf.softmax(tf.transpose(x)));

const operations: Readonly<Record<string, (x: tf.Tensor, axis: number) => tf.Tensor>> = {
  sum: (x, axis) => tf.sum(x, axis),
  mean: (x, axis) => tf.mean(x, axis),
  max: (x, axis) => tf.max(x, axis),
  softmax,
  logsumexp: (x, axis) => tf.logSumExp(x, axis),
  cumsum: (x, axis) => tf.cumsum(x, axis),
};

export const prepare: Prepare = (inputs, options) => {
  const operation = operations[`${options['operation']}`];
  if (!operation || options['precision'] === 'float64') return null;
  const [x, axis] = [given(inputs, 'x'), numberOf(options, 'axis')];
  return calling(() => operation(x, axis));
};
