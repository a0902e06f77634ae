import { type Case, noise } from '../../src/suite.ts';

const count = 100_000;

/** Code of small vectors, a (a.b) / sqrt(1 + a.a) + b, mapped over many rows; and its gradient in a and b. */
export const cases: readonly Case[] = [3, 11, 26].flatMap((width) =>
  ['value', 'gradient'].map((of) => ({
    group: 'vmap',
    name: `${of} of code of vectors of ${width}, ${count} rows`,
    precision: 'float64',
    program: 'rows',
    options: { of },
    inputs: () => ({
      a: noise([count, width], 'float64', { seed: 1 }),
      b: noise([count, width], 'float64', { seed: 2 }),
    }),
  })),
);
