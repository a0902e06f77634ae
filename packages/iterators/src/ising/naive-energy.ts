import { type Tensor, tanh } from '@grad/core';
import { search } from '../search.ts';
import { type IsingState, logPartition, type SpinProblem } from './spin-problem.ts';

/** Terms beyond mean field, each over beta: of the field of each spin, and of the free energy. */
export interface Reaction {
  field(m: Tensor): Tensor;
  energy(m: Tensor): Tensor;
}

/**
 * Solves m = tanh(beta (J m + h + reaction)). The free energy -m'J m/2 - h'm - T S(m) + reaction uses the
 * entropy of a spin in the form ln(2 cosh a) - a m with the field a, which is exact at any magnetization.
 * It is stationary in m.
 */
export function solveFields(
  { couplings, h, beta, start, search: how }: SpinProblem,
  reaction?: Reaction,
): IsingState {
  const field = (m: Tensor): Tensor => {
    const naive = couplings.times(m).add(h);
    return (reaction ? naive.add(reaction.field(m)) : naive).mul(beta);
  };
  const { x: m, ...end } = search((x) => tanh(field(x)), start, how);
  const a = field(m);
  const energy = couplings.times(m).mul(0.5).add(h).mul(m).sum().neg();
  const entropy = logPartition(a).sub(a.mul(m)).sum();
  const naive = energy.sub(entropy.div(beta));
  return {
    ...end,
    magnetization: m,
    freeEnergy: reaction ? naive.add(reaction.energy(m)) : naive,
  };
}
