import { type Tensor, type Traced, tensor, tree } from '@grad/core';
import type { ControlProblem, FullProblem } from './problem.ts';

/**
 * Pontryagin's function H = cost(x, u, t) + p'dynamics(x, u, t), which an optimal control makes least. A scalar, for a
 * state and a costate [n] and a control [m].
 */
export function hamiltonian<const P = null>(
  problem: Pick<ControlProblem<P>, 'dynamics' | 'cost' | 'parameters'>,
  x: Tensor,
  p: Tensor,
  u: Tensor,
  t: Tensor | number = 0,
): Tensor {
  const { dynamics, cost, parameters } = problem;
  const [vector, unravel] = tree.ravel<P | null>(parameters ?? null);
  const [leaves, structure] = tree.flatten(unravel(vector));
  const at = tree.unflatten<Traced<P>>(structure, leaves);
  const time = tensor(t);
  const change = p.mul(dynamics(x, u, time, at)).sum();
  return cost ? change.add(cost(x, u, time, at)) : change;
}

/** The same of a full problem. */
export function pontryagin({ dynamics, cost }: FullProblem) {
  return (x: Tensor, p: Tensor, u: Tensor, t: Tensor, theta: Tensor): Tensor =>
    p
      .mul(dynamics(x, u, t, theta))
      .sum()
      .add(cost(x, u, t, theta));
}
