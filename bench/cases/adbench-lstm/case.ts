import type { Case } from '../../src/suite.ts';
import { Numbers } from '../adbench.ts';

const files = ['lstm_l2_c1024', 'lstm_l4_c1024', 'lstm_l4_c4096'];

/** ADBench's LSTM: the gradient of the loss of a model of characters in all its parameters. */
export const cases: readonly Case[] = files.map((name) => ({
  group: 'adbench',
  name,
  precision: 'float64',
  program: 'adbench-lstm',
  inputs: () => {
    const file = new Numbers(`lstm/${name}.txt`);
    const [layers, , width] = [file.next(), file.next(), file.next()];
    return {
      main_params: file.array(2 * layers, 4 * width),
      extra_params: file.array(3, width),
      state: file.array(2 * layers, width),
      sequence: file.rest(width),
    };
  },
  variants: { 'our objective': { options: { of: 'objective' } } },
  targets: [
    { side: 'C to WASM', atMost: 2 },
    { side: 'our objective', atMost: 3 },
  ],
}));
