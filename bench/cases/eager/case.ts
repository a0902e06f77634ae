import { type Case, noise } from '../../src/suite.ts';

const operations = {
  add: 'sum of two vectors of 4',
  matmul: 'product of two 4x4 matrices',
  sum: 'sum of the elements of a vector of 4',
} as const;

/** One operation outside of any compiled function: what calling it costs. */
export const cases: readonly Case[] = Object.entries(operations).map(([operation, name]) => ({
  group: 'eager',
  name,
  precision: 'float32',
  program: 'eager',
  options: { operation },
  inputs: () => {
    const shape = operation === 'matmul' ? [4, 4] : [4];
    return {
      x: noise(shape, 'float32', { seed: 1 }),
      y: noise(shape, 'float32', { seed: 2 }),
    };
  },
  targets: [{ milliseconds: 0.002 }],
}));
