import { random } from '../../../packages/core/src/index.ts';
import { type Case, type Input, noise } from '../../src/suite.ts';

const [batch, pixels, hidden, latent] = [128, 784, 400, 20];
const seed = 1;
const layers = [
  [pixels, hidden],
  [hidden, 2 * latent],
  [latent, hidden],
  [hidden, pixels],
] as const;

/** Ink or none, at random. */
function pictures(): Input {
  const { data, shape } = noise([batch, pixels], 'float32', { seed: 1 });
  return { shape, data: data.map((value) => (value > 0 ? 1 : 0)) };
}

/** The noise of the draws that the loss makes from the key of this seed. */
function drawn(): Input {
  const shape = [1, batch, latent];
  const data = random.normal(random.key(seed), shape, { dtype: 'float32' }).dataSync();
  return { shape, data: Float32Array.from(data) };
}

/** One step of gradient descent on the bound. Ours draws its noise from a key, the others are given the same. */
export const cases: readonly Case[] = [
  {
    group: 'plugins',
    name: `vae: step of ${pixels}-${hidden}-${latent}, batch ${batch}`,
    precision: 'float32',
    program: 'vae-step',
    options: { latent, seed, learningRate: 1e-3 },
    inputs: () => ({
      x: pictures(),
      noise: drawn(),
      ...Object.fromEntries(
        layers.flatMap(([from, to], i) => [
          [`w${i}`, noise([from, to], 'float32', { seed: 2 + i, scale: Math.sqrt(1 / from) })],
          [`b${i}`, noise([to], 'float32', { seed: 12 + i, scale: 0.01 })],
        ]),
      ),
    }),
    // The products, their two transposes, and none for the pictures.
    flops:
      2 * batch * (3 * layers.reduce((all, [from, to]) => all + from * to, 0) - pixels * hidden),
    // Nearly all of it is products of matrices, as in the MLP.
    targets: [{ side: 'Torch', atMost: 1.5 }],
  },
];
