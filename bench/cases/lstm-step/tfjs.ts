import * as tf from '@tensorflow/tfjs';
import { given } from '../../src/peers/start-tfjs.ts';
import { numberOf, type Prepare } from '../../src/suite.ts';

export const prepare: Prepare = (inputs, options) => {
  const [x, y] = [given(inputs, 'x'), given(inputs, 'y')];
  const parameters = ['wx', 'wh', 'b'].map((name) => tf.variable(given(inputs, name)));
  const loss = (): tf.Scalar => {
    const [wx, wh, b] = parameters;
    if (!wx || !wh || !b) throw new Error('A parameter is missing.');
    const start = tf.zerosLike(y);
    const [last] = tf.unstack(x).reduce<[tf.Tensor, tf.Tensor]>(
      ([h, cell], now) => {
        const gates = tf.add(tf.add(tf.matMul(now, wx), tf.matMul(h, wh)), b);
        const [enter, forget, change, leave] = tf.split(gates, 4, 1);
        if (!enter || !forget || !change || !leave) throw new Error('A gate is missing.');
        const kept = tf.mul(cell, tf.sigmoid(forget));
        const next = tf.add(kept, tf.mul(tf.sigmoid(enter), tf.tanh(change)));
        return [tf.mul(tf.sigmoid(leave), tf.tanh(next)), next];
      },
      [start, start],
    );
    return tf.mean(tf.square(tf.sub(last, y))).asScalar();
  };
  const optimizer = tf.train.sgd(numberOf(options, 'learningRate'));
  return {
    run: () => void optimizer.minimize(loss),
    output: () => parameters.flatMap((part) => [...part.dataSync()]),
  };
};
