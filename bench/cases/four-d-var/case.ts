import { lorenz96, trajectory } from '../../../packages/assimilation/src/index.ts';
import { type Case, type Inputs, noise } from '../../src/suite.ts';

const [variables, steps, every, dt, forcing] = [40, 100, 5, 0.01, 8];

/** Observations of a run, with errors, and a background that is off by as much. */
function inputs(): Inputs {
  const start = noise([variables], 'float64', { seed: 1, scale: 4 }).data;
  const model = lorenz96({ dt, forcing });
  // The first steps lead to the attractor.
  const states = trajectory(model, Array.from(start), 500 + steps).dataSync();
  const state = (step: number): number[] =>
    Array.from(states.slice(step * variables, (step + 1) * variables), Number);
  const count = steps / every;
  const errors = noise([count, variables], 'float64', { seed: 2, scale: 1.7 });
  const observed = Float64Array.from(errors.data, (error, i) => {
    const [k, variable] = [Math.floor(i / variables), i % variables];
    return error + (state(500 + (k + 1) * every)[variable] ?? 0);
  });
  const { data, shape } = noise([variables], 'float64', { seed: 3, scale: 1.7 });
  const truth = state(500);
  return {
    background: { shape, data: data.map((error, i) => error + (truth[i] ?? 0)) },
    observed: { shape: errors.shape, data: observed },
  };
}

/**
 * All of 4D-Var with Lorenz-96: from the background to the state of least cost, by L-BFGS until the norm of the
 * gradient is 1e-4. JAX gives cost and gradient, compiled, to SciPy's `L-BFGS-B`.
 */
export const cases: readonly Case[] = [
  {
    group: 'plugins',
    name: `assimilation: 4D-Var with Lorenz-96, ${variables} variables, ${steps} RK4 steps`,
    precision: 'float64',
    program: 'four-d-var',
    options: { dt, forcing, every, gradientTolerance: 1e-4 },
    inputs,
    tolerance: 1e-5,
    targets: [{ side: 'JAX', atMost: 1 }],
  },
];
