import * as tf from '@tensorflow/tfjs';
import { calling, given } from '../../src/peers/start-tfjs.ts';
import type { Prepare } from '../../src/suite.ts';

const chains: Readonly<Record<string, (x: tf.Tensor, y: tf.Tensor) => tf.Tensor>> = {
  arithmetic: (x, y) => x.mul(y).add(x).mul(y.sub(0.5)).add(x.mul(x)),
  exp: (x, y) => x.neg().mul(x).exp().mul(y),
  log: (x, y) => x.add(1.5).log().mul(y),
  sin: (x, y) => x.mul(3).sin().add(y),
  tanh: (x, y) => x.add(y).tanh(),
  all: (x, y) => tf.tanh(tf.sin(x).mul(tf.log(tf.exp(y).add(1.5)))),
};

export const prepare: Prepare = (inputs, { chain, precision }) => {
  const f = chains[`${chain}`];
  if (!f || precision === 'float64') return null;
  const [x, y] = [given(inputs, 'x'), given(inputs, 'y')];
  return calling(() => f(x, y));
};
