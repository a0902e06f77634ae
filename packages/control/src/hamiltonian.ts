import type { Tensor } from '@grad/core';
import type { ControlProblem } from './problem.ts';

/** Pontryagin's function H = cost(x, u) + p'dynamics(x, u), which an optimal control makes least. */
export function hamiltonian(
  { dynamics, cost }: Pick<ControlProblem, 'dynamics' | 'cost'>,
  x: Tensor,
  p: Tensor,
  u: Tensor,
): Tensor {
  const change = p.mul(dynamics(x, u)).sum();
  return cost ? change.add(cost(x, u)) : change;
}
