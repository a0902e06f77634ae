import * as tf from '@tensorflow/tfjs';
import { given } from '../../src/peers/start-tfjs.ts';
import { numberOf, type Prepare } from '../../src/suite.ts';

export const prepare: Prepare = (inputs, options) => {
  const [x, labels] = [given(inputs, 'x'), given(inputs, 'y')];
  const y = tf.oneHot(labels, 10);
  const layers = [0, 1, 2].map((i) => ({
    w: tf.variable(given(inputs, `w${i}`)),
    b: tf.variable(given(inputs, `b${i}`)),
  }));
  const loss = (): tf.Scalar => {
    const logits = layers.reduce((h, { w, b }, i) => {
      const linear = tf.add(tf.matMul(h, w), b);
      return i < layers.length - 1 ? tf.relu(linear) : linear;
    }, x);
    return tf.losses.softmaxCrossEntropy(y, logits).asScalar();
  };
  const optimizer = tf.train.sgd(numberOf(options, 'learningRate'));
  return {
    run: () => void optimizer.minimize(loss),
    output: () => layers.flatMap(({ w, b }) => [...w.dataSync(), ...b.dataSync()]),
  };
};
