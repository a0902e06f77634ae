import { type Case, noise } from '../../src/suite.ts';

const [steps, batch, inputs, hidden] = [32, 32, 32, 128];

/** One step of gradient descent on an LSTM with full matrices, gates in the order in, forget, change, out. */
export const cases: readonly Case[] = [
  {
    group: 'training',
    name: `step of an LSTM of ${hidden}, ${steps} time steps, batch ${batch}`,
    precision: 'float32',
    program: 'lstm-step',
    options: { learningRate: 0.01 },
    inputs: () => ({
      x: noise([steps, batch, inputs], 'float32', { seed: 1 }),
      y: noise([batch, hidden], 'float32', { seed: 2 }),
      wx: noise([inputs, 4 * hidden], 'float32', { seed: 3, scale: 0.2 }),
      wh: noise([hidden, 4 * hidden], 'float32', { seed: 4, scale: 0.1 }),
      b: noise([4 * hidden], 'float32', { seed: 5, scale: 0.1 }),
    }),
    flops: 3 * 2 * steps * batch * (inputs + hidden) * 4 * hidden,
  },
];
