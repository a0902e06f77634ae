import type { Case } from '../../src/suite.ts';

/**
 * Robertson's reactions, which are stiff: the first concentration at the end, and its gradient in the logarithms of the
 * three rates. JAX solves by diffrax and `Kvaerno5`, an implicit method of the same order, SciPy by `LSODA`, with the
 * equations of the sensitivities beside those of the state.
 */
export const cases: readonly Case[] = [
  {
    group: 'plugins',
    name: "solve: gradient of Robertson's reactions to 10^5, tolerances 1e-8",
    precision: 'float64',
    program: 'robertson',
    options: { end: 1e5, rtol: 1e-8, atol: 1e-12 },
    inputs: () => ({
      start: { shape: [3], data: Float64Array.of(1, 0, 0) },
      rates: { shape: [3], data: Float64Array.of(0.04, 3e7, 1e4) },
    }),
    tolerance: 1e-4,
    targets: [
      { side: 'JAX', atMost: 1 },
      { side: 'SciPy', atMost: 1 },
    ],
  },
];
