import { type Case, indices, noise } from '../../src/suite.ts';

const batch = 64;
const convolutions = [
  { to: 6, from: 1, positions: 24 ** 2 },
  { to: 16, from: 6, positions: 8 ** 2 },
] as const;
const layers = [
  [256, 120],
  [120, 84],
  [84, 10],
] as const;

const forward =
  convolutions.reduce((all, { to, from, positions }) => all + to * from * 25 * positions, 0) +
  layers.reduce((all, [from, to]) => all + from * to, 0);

/** One step of gradient descent on LeNet-5 with relu and max pooling. */
export const cases: readonly Case[] = [
  {
    group: 'training',
    name: `step of LeNet, batch ${batch}`,
    precision: 'float32',
    program: 'lenet',
    options: { learningRate: 0.01 },
    inputs: () => ({
      x: noise([batch, 1, 28, 28], 'float32', { seed: 1 }),
      y: indices(batch, 10),
      ...Object.fromEntries(
        convolutions.flatMap(({ to, from }, i) => [
          [
            `k${i}`,
            noise([to, from, 5, 5], 'float32', { seed: 2 + i, scale: Math.sqrt(3 / (25 * from)) }),
          ],
          [`c${i}`, noise([to], 'float32', { seed: 12 + i, scale: 0.01 })],
        ]),
      ),
      ...Object.fromEntries(
        layers.flatMap(([from, to], i) => [
          [`w${i}`, noise([from, to], 'float32', { seed: 22 + i, scale: Math.sqrt(3 / from) })],
          [`b${i}`, noise([to], 'float32', { seed: 32 + i, scale: 0.01 })],
        ]),
      ),
    }),
    flops: 3 * 2 * batch * forward,
    targets: [
      { side: 'jax-js', atMost: 1 / 3 },
      { side: 'tfjs-wasm', atMost: 1 / 3 },
    ],
  },
];
