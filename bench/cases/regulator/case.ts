import { type Case, noise } from '../../src/suite.ts';

const [states, controls] = [20, 4];

/**
 * The sum of the matrix of least costs of a regulator in discrete time, and its gradient in the system. SciPy's is
 * the Riccati equation by a generalized Schur form, and one Lyapunov equation for the gradient, by hand.
 */
export const cases: readonly Case[] = [
  {
    group: 'plugins',
    name: `control: regulator of ${states} states and its gradient`,
    precision: 'float64',
    program: 'regulator',
    inputs: () => ({
      A: noise([states, states], 'float64', { seed: 1, scale: 0.35 }),
      B: noise([states, controls], 'float64', { seed: 2, scale: 1.7 }),
    }),
    targets: [{ side: 'SciPy', atMost: 1 }],
  },
];
