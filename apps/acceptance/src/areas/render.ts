import type { Area } from '../line.ts';

export const render: Area = {
  name: 'render',
  lines: [
    {
      name: 'sphere-silhouette',
      asks: 'Sphere silhouette (f=1, r=1, d=3): area .392699081699, dA/dr .883572933822, dA/dd -.294524311274, by every differentiable silhouette method.',
    },
    {
      name: 'closed-forms',
      asks: 'Constant density: C = c(1-exp(-sigma L)), dC/dsigma = c L exp(-sigma L). Lambert with a point light: exact gradients.',
    },
    {
      name: 'splats',
      asks: '3-D Gaussian splats: tiny_case.safetensors to 1e-5; backward against finite differences.',
      needsData: true,
    },
    {
      name: 'recover',
      asks: 'Pose (from 20 degrees and 10 % off, 64x64, at most 200 steps, final error < .5 degree), light and material from one image.',
    },
    {
      name: 'nerf',
      asks: 'NeRF on an analytic scene at 48x48, 24 views, 4 held out: at least 28 dB in minutes on two cores.',
    },
  ],
};
