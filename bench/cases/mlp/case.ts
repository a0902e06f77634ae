import { type Case, indices, noise } from '../../src/suite.ts';

const sizes = [64, 256, 256, 10] as const;
const batch = 64;
const layers = [
  [64, 256],
  [256, 256],
  [256, 10],
] as const;

/** One step of gradient descent on the cross-entropy of a network of relu layers. */
export const cases: readonly Case[] = [
  {
    group: 'training',
    name: `step of an MLP ${sizes.join('-')}, batch ${batch}`,
    precision: 'float32',
    program: 'mlp',
    options: { learningRate: 0.01 },
    inputs: () => ({
      x: noise([batch, sizes[0]], 'float32', { seed: 1 }),
      y: indices(batch, 10),
      ...Object.fromEntries(
        layers.flatMap(([from, to], i) => [
          [`w${i}`, noise([from, to], 'float32', { seed: 2 + i, scale: Math.sqrt(3 / from) })],
          [`b${i}`, noise([to], 'float32', { seed: 12 + i, scale: 0.01 })],
        ]),
      ),
    }),
    flops: 3 * 2 * batch * layers.reduce((all, [from, to]) => all + from * to, 0),
    targets: [
      { side: 'Torch', atMost: 1.5 },
      { side: 'jax-js', atMost: 1 / 2 },
      { side: 'tfjs-wasm', atMost: 1 / 10 },
    ],
  },
];
