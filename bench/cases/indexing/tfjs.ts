import * as tf from '@tensorflow/tfjs';
import { calling, given } from '../../src/peers/start-tfjs.ts';
import { numberOf, type Prepare } from '../../src/suite.ts';

export const prepare: Prepare = (inputs, options) => {
  const [x, indices, rows] = [given(inputs, 'x'), given(inputs, 'at'), numberOf(options, 'rows')];
  const at = tf.tensor1d(indices.dataSync(), 'int32');
  const places = tf.expandDims(at, 1);
  const operations: Readonly<Record<string, () => tf.Tensor>> = {
    gather: () => tf.gather(x, at),
    scatter: () => tf.scatterND(places, x, [rows, x.shape[1] ?? 1]),
    transpose: () => tf.transpose(x),
  };
  const operation = operations[`${options['operation']}`];
  return operation ? calling(operation) : null;
};
