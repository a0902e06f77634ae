import { type Case, noise } from '../../src/suite.ts';

const operations = ['sum', 'mean', 'max', 'softmax', 'logsumexp', 'cumsum'] as const;

/** Reductions of a matrix of 1000 by 1000 along each axis. */
export const cases: readonly Case[] = (['float32', 'float64'] as const).flatMap((precision) =>
  operations.flatMap((operation) =>
    [0, 1].map((axis) => ({
      group: 'reductions',
      name: `${operation} along axis ${axis} of 1000x1000`,
      precision,
      program: 'reductions',
      options: { operation, axis },
      inputs: () => ({ x: noise([1000, 1000], precision) }),
    })),
  ),
);
