import type { Prose } from '../../job.ts';

/** Continuous normalizing flows, in plain words. */
export const explanation: readonly Prose[] = [
  'A flow turns a distribution that is known into one that is wanted. Points of a normal distribution move with a velocity that a network computes from place and time; where they spread, their density falls, and how fast is the divergence of the velocity:',
  {
    tex: '\\frac{dx}{dt} = v_\\theta(x, t), \\qquad \\frac{d \\ln p(x(t))}{dt} = -\\operatorname{tr} \\frac{\\partial v_\\theta}{\\partial x}',
  },
  'So the density at a point of the data is found by following it back. The network is trained to make the data likely: the gradient of the mean log-density goes through the solver of the differential equation and through the trace, itself a derivative.',
];
