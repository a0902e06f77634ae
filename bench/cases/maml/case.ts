import { type Case, type Input, noise } from '../../src/suite.ts';

const [tasks, shots] = [25, 10];
const sizes = [1, 40, 40, 1] as const;
const layers = [
  [sizes[0], sizes[1]],
  [sizes[1], sizes[2]],
  [sizes[2], sizes[3]],
] as const;

/** A sinusoid of its own amplitude and phase for each task, at random places from -5 to 5. */
function curves(seed: number): { readonly x: Input; readonly y: Input } {
  const x = noise([tasks, shots, 1], 'float32', { seed, scale: 5 });
  const amplitudes = noise([tasks], 'float32', { seed: 7, scale: 2.45 }).data;
  const phases = noise([tasks], 'float32', { seed: 8, scale: Math.PI / 2 }).data;
  const y = x.data.map((at, i) => {
    const task = Math.floor(i / shots);
    return ((amplitudes[task] ?? 0) + 2.55) * Math.sin(at - (phases[task] ?? 0) - Math.PI / 2);
  });
  return { x, y: { shape: x.shape, data: y } };
}

/** The gradient of the mean loss of sinusoids after one inner step, through that step. */
export const cases: readonly Case[] = [
  {
    group: 'plugins',
    name: `meta: MAML gradient, ${sizes.join('-')}, ${tasks} tasks of ${shots}`,
    precision: 'float32',
    program: 'maml',
    options: { innerLearningRate: 0.01 },
    inputs: () => {
      const [support, query] = [curves(1), curves(2)];
      return {
        supportX: support.x,
        supportY: support.y,
        queryX: query.x,
        queryY: query.y,
        ...Object.fromEntries(
          layers.flatMap(([from, to], i) => [
            [`w${i}`, noise([from, to], 'float32', { seed: 3 + i, scale: Math.sqrt(3 / from) })],
            [`b${i}`, noise([to], 'float32', { seed: 13 + i, scale: 0.1 })],
          ]),
        ),
      };
    },
    targets: [
      { side: 'Torch', atMost: 1 },
      { side: 'JAX', atMost: 1 },
    ],
  },
];
