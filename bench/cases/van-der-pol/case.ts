import type { Case } from '../../src/suite.ts';

/**
 * The whole solution of the problem of CasADi's example of direct multiple shooting, from controls of 0 to the
 * optimum: the cost, 3.732969484782, the controls, and the states between the intervals. CasADi has built its
 * graphs before, and IPOPT solves linear systems by MUMPS; ours has compiled its functions.
 */
export const cases: readonly Case[] = [
  {
    group: 'plugins',
    name: "control: CasADi's Van der Pol oscillator by multiple shooting",
    precision: 'float64',
    program: 'van-der-pol',
    options: { horizon: 10, intervals: 20, steps: 4, least: -0.25 },
    inputs: () => ({ initial: { shape: [2], data: Float64Array.of(0, 1) } }),
    tolerance: 1e-5,
    targets: [{ side: 'CasADi', atMost: 1 }],
  },
];
