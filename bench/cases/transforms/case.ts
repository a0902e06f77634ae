import { type Case, type Inputs, noise, type Precision } from '../../src/suite.ts';
import { cases as lorenz96 } from '../lorenz96/case.ts';
import { cases as mlp } from '../mlp/case.ts';

interface Objective {
  readonly name: string;
  readonly precision: Precision;
  readonly inputs: () => Inputs;
  /** How many times the function's own time each derivative may take. */
  readonly bounds: Readonly<Record<'grad' | 'jvp' | 'hvp', number>>;
}

const wide = (): Inputs => ({ x: noise([100_000], 'float64', { seed: 1 }) });
const none = (): Inputs => ({});

const objectives: readonly Objective[] = [
  { name: 'polynomial', precision: 'float64', inputs: wide, bounds: { grad: 3, jvp: 2, hvp: 4 } },
  {
    name: 'transcendental',
    precision: 'float64',
    inputs: wide,
    bounds: { grad: 1.3, jvp: 2, hvp: 4 },
  },
  {
    name: 'lorenz96',
    precision: 'float64',
    inputs: lorenz96[0]?.inputs ?? none,
    bounds: { grad: 3, jvp: 2, hvp: 4 },
  },
  // Both operands of its products are active.
  {
    name: 'mlp',
    precision: 'float32',
    inputs: mlp[0]?.inputs ?? none,
    bounds: { grad: 3.5, jvp: 3, hvp: 9 },
  },
];

/** What a derivative costs, in evaluations of the function. */
export const cases: readonly Case[] = objectives.flatMap(({ name, precision, inputs, bounds }) =>
  Object.entries(bounds).map(([of, atMost]) => ({
    group: 'derivatives',
    name: `${of} of ${name}`,
    precision,
    program: 'transforms',
    options: { objective: name, of, dt: 0.01, forcing: 8 },
    inputs,
    variants: { 'its function': { options: { of: 'value' } } },
    targets: [{ side: 'its function', atMost }],
  })),
);
