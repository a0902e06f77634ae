import { type Case, noise } from '../../src/suite.ts';

const sizes = [
  [120, 40],
  [300, 150],
] as const;

/**
 * What an iteration of topology optimization solves: the compliance of half an MBB beam, and its gradient in
 * the densities of all elements. SciPy's factors are those of SuperLU. The compliance is its own adjoint,
 * so theirs is the formula that people write, and no second solution; ours is the gradient of `solve`.
 */
export const cases: readonly Case[] = sizes.map(([nx, ny]) => ({
  group: 'plugins',
  name: `fem: compliance and its gradient, MBB beam of ${nx}x${ny}`,
  precision: 'float64',
  program: 'topology',
  options: { nx, ny, poisson: 0.3, penalty: 3, youngMin: 1e-9 },
  inputs: () => {
    const { shape, data } = noise([nx * ny], 'float64', { seed: 1, scale: 0.4 });
    return { densities: { shape, data: data.map((value) => 0.5 + value) } };
  },
  tolerance: 1e-6,
  targets: [{ side: 'SciPy', atMost: 1 }],
}));
