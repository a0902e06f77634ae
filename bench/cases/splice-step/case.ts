import { type Case, type Input, noise } from '../../src/suite.ts';

const [steps, batch, bases, units, classes] = [60, 64, 4, 24, 3];

/** A base at each place, one-hot, and a class for each window. */
function windows(): { readonly x: Input; readonly labels: Input } {
  const data = new Float32Array(steps * batch * bases);
  for (let i = 0; i < steps * batch; i++) data[i * bases + (((i * 7919) >> 3) % bases)] = 1;
  return {
    x: { shape: [steps, batch, bases], data },
    labels: { shape: [batch], data: Int32Array.from({ length: batch }, (_, i) => i % classes) },
  };
}

const weights = (direction: string, seed: number) =>
  Object.entries({
    inputs: [bases, 3 * units],
    hidden: [units, 3 * units],
    bias: [3 * units],
    hiddenBias: [3 * units],
  }).map(([name, shape], i): [string, Input] => [
    `${direction}.${name}`,
    noise(shape, 'float32', { seed: seed + i, scale: 0.2 }),
  ]);

/** One step of gradient descent on the splice model: GRUs in both directions, without dropout. */
export const cases: readonly Case[] = [
  {
    group: 'training',
    name: `step of a bidirectional GRU of ${units}, ${steps} time steps, batch ${batch}`,
    precision: 'float32',
    program: 'splice-step',
    options: { learningRate: 0.1, units },
    inputs: () => ({
      ...windows(),
      ...Object.fromEntries([...weights('forward', 10), ...weights('backward', 20)]),
      weight: noise([4 * units, classes], 'float32', { seed: 1, scale: 0.2 }),
      bias: noise([classes], 'float32', { seed: 2, scale: 0.2 }),
    }),
    flops: 2 * 3 * 2 * steps * batch * (bases + units) * 3 * units,
    targets: [{ side: 'Torch', atMost: 1 }],
  },
];
