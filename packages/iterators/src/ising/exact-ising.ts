import { logsumexp, matmul, softmax, type Tensor, tensor, vmap } from '@grad/core';
import { type IsingProblem, readProblem } from './spin-problem.ts';

/** Means of spins without approximation. */
export interface ExactIsing {
  /** Mean of each spin: shape [n]. */
  readonly magnetization: Tensor;
  /** -ln(Z) / beta. */
  readonly freeEnergy: Tensor;
  /** Mean of s_i s_j: shape [n, n]. */
  readonly correlations: Tensor;
}

const mostSpins = 16;

/**
 * The exact solution of an Ising model of at most 16 spins, by a sum over all states: to judge
 * approximations by.
 *
 * @throws RangeError when there are more spins, and what `meanField` throws.
 */
export function exactIsing(problem: IsingProblem): ExactIsing {
  const { couplings, h, beta } = readProblem('exactIsing', problem);
  const { spins } = couplings;
  if (spins > mostSpins) {
    throw new RangeError(
      `exactIsing: ${spins} spins have 2^${spins} states; it takes at most ${mostSpins} spins. Use bethe, tap or meanField.`,
    );
  }
  const states = tensor(
    Float64Array.from({ length: spins * 2 ** spins }, (_, k) =>
      (Math.floor(k / spins) >> (k % spins)) & 1 ? 1 : -1,
    ),
  ).reshape([2 ** spins, spins]);
  const fields = vmap((s: Tensor) => couplings.times(s))(states)
    .mul(0.5)
    .add(h);
  const weights = fields.mul(states).sum({ axis: 1 }).mul(beta);
  const shares = softmax(weights);
  return {
    magnetization: matmul(shares, states),
    freeEnergy: logsumexp(weights).div(beta).neg(),
    correlations: matmul(states.transpose(), states.mul(shares.expandDims(1))),
  };
}
