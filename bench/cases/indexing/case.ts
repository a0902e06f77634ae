import { type Case, indices, noise } from '../../src/suite.ts';

const [count, rows] = [100_000, 10_000];

/** Reading and adding rows at random places, and turning arrays. */
export const cases: readonly Case[] = [
  ...[1, 16].flatMap((width) => [
    { operation: 'gather', name: `${count} rows of ${width} out of ${rows}`, shape: [rows, width] },
    {
      operation: 'scatter',
      name: `${count} rows of ${width} added into ${rows}`,
      shape: [count, width],
    },
  ]),
  { operation: 'transpose', name: 'transpose of 1000x1000', shape: [1000, 1000] },
  { operation: 'transpose', name: 'axes of 100x100x100 reversed', shape: [100, 100, 100] },
].map(({ operation, name, shape }) => ({
  group: 'indexing',
  name,
  precision: 'float32',
  program: 'indexing',
  options: { operation, rows },
  inputs: () => ({ x: noise(shape, 'float32'), at: indices(count, rows) }),
}));
