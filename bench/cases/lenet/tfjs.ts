import * as tf from '@tensorflow/tfjs';
import { given } from '../../src/peers/start-tfjs.ts';
import { numberOf, type Prepare } from '../../src/suite.ts';

/** Channels are last here: kernels and the first matrix are laid out for that, and back for the result. */
const [channels, extent, features] = [16, 4, 120] as const;

const kernelOf = (k: tf.Tensor): tf.Tensor => tf.transpose(k, [2, 3, 1, 0]);
const matrixOf = (w: tf.Tensor): tf.Tensor =>
  tf
    .transpose(tf.reshape(w, [channels, extent, extent, features]), [1, 2, 0, 3])
    .reshape([channels * extent * extent, features]);
const matrixFrom = (w: tf.Tensor): tf.Tensor =>
  tf
    .transpose(tf.reshape(w, [extent, extent, channels, features]), [2, 0, 1, 3])
    .reshape([channels * extent * extent, features]);

export const prepare: Prepare = (inputs, options) => {
  const input = tf.transpose(given(inputs, 'x'), [0, 2, 3, 1]);
  const x = tf.tensor4d(input.dataSync(), [input.shape[0] ?? 0, 28, 28, 1]);
  const y = tf.oneHot(given(inputs, 'y'), 10);
  const convolutions = [0, 1].map((i) => ({
    kernel: tf.variable(
      kernelOf(given(inputs, `k${i}`)).as4D(5, 5, i === 0 ? 1 : 6, i === 0 ? 6 : 16),
    ),
    bias: tf.variable(given(inputs, `c${i}`)),
  }));
  const layers = [0, 1, 2].map((i) => ({
    w: tf.variable(i === 0 ? matrixOf(given(inputs, 'w0')) : given(inputs, `w${i}`)),
    b: tf.variable(given(inputs, `b${i}`)),
  }));
  const loss = (): tf.Scalar => {
    const maps = convolutions.reduce((h: tf.Tensor4D, { kernel, bias }) => {
      const linear: tf.Tensor4D = tf.add(tf.conv2d(h, kernel, 1, 'valid'), bias);
      return tf.maxPool(tf.relu(linear), 2, 2, 'valid');
    }, x);
    const logits = layers.reduce(
      (h: tf.Tensor, { w, b }, i) => {
        const linear = tf.add(tf.matMul(h, w), b);
        return i < layers.length - 1 ? tf.relu(linear) : linear;
      },
      tf.reshape(maps, [x.shape[0], -1]),
    );
    return tf.losses.softmaxCrossEntropy(y, logits).asScalar();
  };
  const optimizer = tf.train.sgd(numberOf(options, 'learningRate'));
  return {
    run: () => void optimizer.minimize(loss),
    output: () => {
      const parts = [
        ...convolutions.flatMap(({ kernel, bias }) => [
          tf.transpose<tf.Tensor>(kernel, [3, 2, 0, 1]),
          bias,
        ]),
        ...layers.flatMap(({ w, b }, i) => [i === 0 ? matrixFrom(w) : w, b]),
      ];
      return parts.flatMap((part) => [...part.dataSync()]);
    },
  };
};
