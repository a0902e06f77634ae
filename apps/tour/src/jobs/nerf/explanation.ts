import type { Prose } from '../../job.ts';

/** Radiance fields, in plain words. */
export const explanation: readonly Prose[] = [
  'From photographs of a scene, and from where each was taken, a network learns what every point in space is like: how dense it is, and what color it shows in which direction. A pixel is then what its ray collects, front to back, of a glowing fog:',
  {
    tex: 'C = \\sum_i T_i\\,(1 - e^{-\\sigma_i \\delta_i})\\, c_i, \\qquad T_i = e^{-\\sum_{j<i} \\sigma_j \\delta_j}',
  },
  'The sum is exact where density and color are constant, whatever the number of points. The network sees sines and cosines of the coordinates at doubling frequencies, without which it would learn only a blur, and each step asks it at random places of the intervals along the rays. All of it, rays, network, sum and the derivative of the difference from the photographs, is one compiled function.',
  'The scene is known exactly: a striped ball, a ring and a cube, traced as signed distances. Some of the photographs are held back; the network has never seen from there, and is judged by how well it does (Mildenhall et al., NeRF, ECCV 2020).',
];
