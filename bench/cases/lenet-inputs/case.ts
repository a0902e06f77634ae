import { type Case, indices, noise } from '../../src/suite.ts';

const batch = 64;
const [nodes, steps] = [50, 10];
const convolutions = [
  { to: 6, from: 1 },
  { to: 16, from: 6 },
] as const;
const layers = [
  [256, 120],
  [120, 84],
  [84, 10],
] as const;

const works = [
  { name: `integrated gradients of LeNet, ${nodes} nodes`, method: 'integratedGradients' },
  { name: `PGD on LeNet, ${steps} steps`, method: 'pgd' },
] as const;

/** Derivatives of a trained network in its inputs: along the way from black, and uphill within a box. */
export const cases: readonly Case[] = works.map(({ name, method }) => ({
  group: 'plugins',
  name: `vision: ${name}, batch ${batch}`,
  precision: 'float32',
  program: 'lenet-inputs',
  options: { method, nodes, steps, eps: 0.1, stepSize: 0.025 },
  inputs: () => {
    const { shape, data } = noise([batch, 1, 28, 28], 'float32', { seed: 1, scale: 0.5 });
    return {
      x: { shape, data: data.map((value) => value + 0.5) },
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
    };
  },
  // Rounding decides for a few of ten million units whether they are on.
  tolerance: 2e-3,
  targets: [
    { side: 'Torch', atMost: 1 },
    { side: 'JAX', atMost: 1 },
  ],
}));
