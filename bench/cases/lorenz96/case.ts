import type { Case } from '../../src/suite.ts';

const [variables, steps, dt, forcing] = [40, 400, 0.01, 8];

/** The cost of a window of assimilation with an observation of everything at every step, and its gradient. */
export const cases: readonly Case[] = [
  {
    group: 'assimilation',
    name: `Lorenz-96 4D-Var gradient, ${variables} variables, ${steps} RK4 steps`,
    precision: 'float64',
    program: 'lorenz96',
    options: { dt, forcing },
    inputs: () => ({
      x: {
        shape: [variables],
        data: Float64Array.from({ length: variables }, (_, i) => forcing + (i === 20 ? 0.01 : 0)),
      },
      observed: {
        shape: [steps, variables],
        data: Float64Array.from({ length: steps * variables }, (_, i) => {
          const [step, variable] = [Math.floor(i / variables) + 1, i % variables];
          return 0.1 * ((step * 7 + variable * 13) % 17);
        }),
      },
    }),
    targets: [
      { side: 'C to WASM', atMost: 2 },
      { side: 'JAX', atMost: 1 / 3 },
      { side: 'Torch', atMost: 1 / 200 },
    ],
  },
];
