import { type Case, noise } from '../../src/suite.ts';

interface Convolution {
  readonly images: number;
  readonly channels: number;
  readonly kernels: number;
  readonly extent: number;
  readonly taps: number;
  readonly padding: 'same' | 'valid';
}

const ways = {
  '': 'value',
  ', value and gradient in x': 'x',
  ', value and gradient in kernels': 'w',
} as const;

function casesOf(c: Convolution): Case[] {
  const positions = (c.padding === 'same' ? c.extent : c.extent - c.taps + 1) ** 2;
  const flops = 2 * c.images * c.channels * c.kernels * positions * c.taps ** 2;
  const name = `conv ${c.taps}x${c.taps} ${c.channels} to ${c.kernels}, ${c.images} of ${c.extent}x${c.extent}`;
  return Object.entries(ways).map(([suffix, of]) => ({
    group: 'conv',
    program: 'conv',
    name: name + suffix,
    precision: 'float32',
    options: { of, padding: c.padding },
    inputs: () => ({
      x: noise([c.images, c.channels, c.extent, c.extent], 'float32', { seed: 1 }),
      w: noise([c.kernels, c.channels, c.taps, c.taps], 'float32', { seed: 2 }),
    }),
    flops: of === 'value' ? flops : 2 * flops,
  }));
}

/** Convolutions and their gradients: sum(conv(x, w)^2) in x and in w. */
export const cases: readonly Case[] = [
  casesOf({ images: 8, channels: 64, kernels: 64, extent: 28, taps: 3, padding: 'same' }),
  casesOf({ images: 64, channels: 1, kernels: 6, extent: 28, taps: 5, padding: 'valid' }),
  casesOf({ images: 64, channels: 6, kernels: 16, extent: 12, taps: 5, padding: 'valid' }),
].flat();
