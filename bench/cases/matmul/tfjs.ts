import * as tf from '@tensorflow/tfjs';
import { calling, given } from '../../src/peers/start-tfjs.ts';
import type { Prepare } from '../../src/suite.ts';

export const prepare: Prepare = (inputs, { variant, precision }) => {
  if (precision === 'float64') return null;
  const [x, y] = [given(inputs, 'x'), given(inputs, 'y')];
  return calling(() => tf.matMul(x, y, variant === "A'B", variant === "AB'"));
};
