import { type Case, type Input, noise } from '../../src/suite.ts';

const [count, width, coefficients] = [256, 64, 16];

function shifted(input: Input, by: readonly number[]): Input {
  const { shape, data } = input;
  return { shape, data: data.map((value, i) => value + (by[i % by.length] ?? 0)) };
}

/**
 * The squared distance of a picture of Gaussians from another, and its gradient in all that they are made of. The
 * peers ask every pixel about every Gaussian, as shapes are to be fixed; ours composes tiles.
 */
export const cases: readonly Case[] = [
  {
    group: 'plugins',
    name: `render: gradient of ${count} Gaussian splats, ${width}x${width} pixels`,
    precision: 'float64',
    program: 'splats',
    options: { width },
    inputs: () => ({
      means: shifted(noise([count, 3], 'float64', { seed: 1, scale: 1.5 }), [0, 0, 6]),
      quaternions: noise([count, 4], 'float64', { seed: 2 }),
      logScales: shifted(noise([count, 3], 'float64', { seed: 3, scale: 0.5 }), [-1.5]),
      opacityLogits: noise([count], 'float64', { seed: 4 }),
      harmonics: noise([count, coefficients, 3], 'float64', { seed: 5, scale: 0.5 }),
      target: noise([width, width, 3], 'float64', { seed: 6 }),
    }),
    targets: [
      { side: 'JAX', atMost: 1 },
      { side: 'Torch', atMost: 1 },
    ],
  },
];
