import { type Case, noise } from '../../src/suite.ts';

const shapes: readonly (readonly [name: string, operation: string, shape: readonly number[]])[] = [
  ['fft of 2^20', 'fft', [2 ** 20]],
  ['fft of 1048573, a prime', 'fft', [1048573]],
  ['fft of 3^12', 'fft', [3 ** 12]],
  ['fft of 1024', 'fft', [1024]],
  ['fft of 1000x256', 'fft', [1000, 256]],
  ['fft of 1000x255', 'fft', [1000, 255]],
  ['fft2 of 1024x1024', 'fft2', [1024, 1024]],
  ['fftn of 128x128x128', 'fftn', [128, 128, 128]],
  ['rfft of 2^20', 'rfft', [2 ** 20]],
  ['irfft to 2^20', 'irfft', [2 ** 19 + 1]],
];

/** Fourier transforms: of one long signal, of many short ones, in several dimensions. */
export const cases: readonly Case[] = (['float64', 'float32'] as const).flatMap((precision) =>
  shapes.map(([name, operation, shape]) => ({
    group: 'Fourier transforms',
    name,
    precision,
    program: 'fft',
    options: { operation },
    inputs: () => ({
      re: noise(shape, precision),
      im: noise(shape, precision, { seed: 1 }),
    }),
    targets: [{ side: 'SciPy', atMost: 3 }],
  })),
);
