import { type Case, type Input, noise, type Target } from '../../src/suite.ts';

const [end, runs] = [10, 100];

interface Work {
  readonly name: string;
  readonly method: 'rk4' | 'tsit5';
  /** Equations with rates of their own, side by side. */
  readonly count: number;
  readonly targets: readonly Target[];
}

const works: readonly Work[] = [
  {
    name: '1000 steps of RK4',
    method: 'rk4',
    count: 1,
    targets: [{ side: 'JAX', atMost: 1 }],
  },
  {
    name: 'tolerances 1e-8',
    method: 'tsit5',
    count: 1,
    targets: [
      { side: 'JAX', atMost: 1 },
      { side: 'SciPy', atMost: 1 },
    ],
  },
  {
    name: `tolerances 1e-8, ${runs} at once`,
    method: 'tsit5',
    count: runs,
    targets: [{ side: 'JAX', atMost: 1 }],
  },
];

function around(values: readonly number[], count: number, seed: number): Input {
  const { shape, data } = noise([count, values.length], 'float64', { seed, scale: 0.05 });
  const moved = data.map((value, i) => (values[i % values.length] ?? 0) * (1 + value));
  return { shape, data: count === 1 ? Float64Array.from(values) : moved };
}

/**
 * Half the squared distance of the prey from 1 at the end, and its gradient in start and rates. JAX solves by diffrax, with
 * the same method, and SciPy by `RK45` with the equations of the sensitivities beside those of the state, as there is no
 * adjoint.
 */
export const cases: readonly Case[] = works.map(({ name, method, count, targets }) => ({
  group: 'plugins',
  name: `solve: gradient of Lotka-Volterra, ${name}`,
  precision: 'float64',
  program: 'lotka-volterra',
  options: { method, count, end, steps: 1000, tolerance: 1e-8 },
  ...(method === 'rk4' || count > 1 ? { without: ['SciPy'] } : {}),
  inputs: () => ({
    start: around([1, 1], count, 1),
    rates: around([1.5, 1, 3, 1], count, 2),
  }),
  tolerance: method === 'rk4' ? 1e-8 : 1e-5,
  targets,
}));
