import type { Case } from '../../src/suite.ts';

const works = [
  { name: 'stated and solved', anew: true },
  { name: 'solved again', anew: false },
] as const;

/**
 * The whole solution of the problem of CasADi's example of direct multiple shooting, from controls of 0 to the
 * optimum: the cost, 3.732969484782, the controls, and the states between the intervals. The first has all that comes
 * before it too, from the equations on; ours finds the code of earlier runs again, as in a program that states problems
 * of one kind. IPOPT solves linear systems by MUMPS.
 */
export const cases: readonly Case[] = works.map(({ name, anew }) => ({
  group: 'plugins',
  name: `control: CasADi's Van der Pol oscillator by multiple shooting, ${name}`,
  precision: 'float64',
  program: 'van-der-pol',
  options: { anew, horizon: 10, intervals: 20, steps: 4, least: -0.25 },
  inputs: () => ({ initial: { shape: [2], data: Float64Array.of(0, 1) } }),
  tolerance: 1e-5,
  targets: [{ side: 'CasADi', atMost: 1 }],
}));
