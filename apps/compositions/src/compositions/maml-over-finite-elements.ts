import { exp, type Tensor, tensor } from '@grad/core';
import { elasticity, rectangle, solve } from '@grad/fem';
import { maml } from '@grad/meta';
import type { Composition } from '../composition.ts';

interface Test {
  /** The force on the right side, up and to the right. */
  readonly force: readonly [Tensor, Tensor];
  /** Measured displacements of the vertices. */
  readonly u: Tensor;
}

const mesh = rectangle({ width: 2, cells: [4, 2] });

/** Displacements of a panel for the logarithms of its elements' moduli. */
const displace = (logModuli: Tensor, [right, up]: Test['force']): Tensor =>
  solve(
    elasticity({
      mesh,
      young: exp(logModuli),
      poisson: 0.3,
      fixed: [{ on: 'left' }],
      loads: [{ on: 'right', traction: [right, up] }],
    }),
  ).u;
const truth = tensor([0.1, 0.3, -0.2, 0, 0.4, -0.1, 0.2, 0.1]);
const measured = (right: number, up: number): Test => {
  const force = [tensor(right), tensor(up)] as const;
  return { force, u: displace(truth, force) };
};
const loss = (logModuli: Tensor, { force, u }: Test): Tensor =>
  displace(logModuli, force).sub(u).square().mean();
const learner = maml(loss, { innerSteps: 2, innerLearningRate: 0.02 });

/** Material is identified from one load and judged by another, through implicit derivatives of the solve. */
export const mamlOverFiniteElements: Composition = {
  name: 'maml-over-finite-elements',
  title: 'MAML over solves of finite elements',
  packages: ['meta', 'fem'],
  variable: 'logarithms of moduli to start from',
  f: (logModuli) =>
    learner(logModuli, { support: measured(0.5, 0.2), query: measured(0.1, -0.3) }).loss,
  x: tensor([0, 0.1, 0, -0.1, 0.2, 0, 0.1, 0]),
};
