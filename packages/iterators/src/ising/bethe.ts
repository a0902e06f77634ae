/**
 * Belief propagation for spins. The message u from i to j is the field, in units of the temperature, that
 * the part of the system behind i exerts on j:
 *
 *   a_ij = beta h_i + sum over neighbors k of i but j of u_ki,   tanh u_ij = tanh(beta J_ij) tanh a_ij.
 *
 * At a fixed point it gives the stationary points of the Bethe free energy, which is exact on trees:
 *
 *   ln Z = sum_i L(beta h_i + sum_k u_ki) + sum_{i>j directed} [L(beta J + a_ij) + L(beta J - a_ij)] / 2
 *        - sum_{pairs} ln(e^{beta J} 2 cosh(a_ij + a_ji) + e^{-beta J} 2 cosh(a_ij - a_ji)),
 *
 * with L(x) = ln(2 cosh x); normalizations of messages cancel. L also gives u without the infinities that
 * tanh has when it rounds to 1: u = [L(beta J + a) - L(beta J - a)] / 2.
 */

import {
  type AsyncOptions,
  segmentSum,
  softplus,
  type Tensor,
  take,
  tanh,
  tensor,
} from '@grad/core';
import { runSearch, runSearchAsync, search, type WithStatus } from '../search.ts';
import {
  type IsingOptions,
  type IsingProblem,
  type IsingState,
  logPartition,
  readProblem,
  type SpinProblem,
} from './spin-problem.ts';

/** Means of spins and of products of coupled spins. */
export interface BetheState extends IsingState {
  /**
   * Mean of s_i s_j in the places of J: [n, n] with ones on the diagonal, or one for each entry of a
   * sparse J. Where a dense J is 0, it is the product of the two means.
   */
  readonly correlations: Tensor;
}

/**
 * The Bethe approximation of an Ising model, by belief propagation: exact on trees, and the better the
 * longer the cycles are. A dense J is taken as a graph of all pairs; use a sparse one where there are few.
 * Derivatives and options are those of `meanField`; `tol` is for fields in units of the temperature.
 *
 * @throws what `meanField` throws.
 * @see M. Mézard and A. Montanari, Information, Physics, and Computation (2009), chapter 14.
 */
export function bethe(problem: IsingProblem, options: IsingOptions = {}): WithStatus<BetheState> {
  const read = readProblem('bethe', problem, options);
  return runSearch(() => propagate(read));
}

/** The same, in slices between which other tasks have their turn. */
bethe.async = async (
  problem: IsingProblem,
  { signal, onProgress, ...options }: IsingOptions & AsyncOptions = {},
): Promise<WithStatus<BetheState>> => {
  const read = readProblem('bethe', problem, options);
  const how = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  return await runSearchAsync(() => propagate(read), how);
};

function propagate({ couplings, h, beta, start, search: how }: SpinProblem): BetheState {
  const pairs = couplings.directed();
  const [from, to, reverse] = [tensor(pairs.from), tensor(pairs.to), tensor(pairs.reverse)];
  const bond = pairs.values.mul(beta);
  const message = (a: Tensor): Tensor =>
    logPartition(bond.add(a))
      .sub(logPartition(bond.sub(a)))
      .mul(0.5);
  const total = (u: Tensor): Tensor =>
    segmentSum(u, to, { count: couplings.spins }).add(h.mul(beta));
  const cavity = (u: Tensor): Tensor => take(total(u), from).sub(take(u, reverse));

  const field = start.add(1).log().sub(start.neg().add(1).log()).mul(0.5);
  const { x: u, ...end } = search((x) => message(cavity(x)), message(take(field, from)), how);
  const a = cavity(u);
  const back = take(a, reverse);
  const alike = bond.add(logPartition(a.add(back)));
  const unlike = logPartition(a.sub(back)).sub(bond);
  const ends = logPartition(bond.add(a)).add(logPartition(bond.sub(a)));
  const pairSums = unlike.add(softplus(alike.sub(unlike)));
  const logZ = logPartition(total(u)).sum().add(ends.sub(pairSums).sum().mul(0.5));
  return {
    ...end,
    magnetization: tanh(total(u)),
    freeEnergy: logZ.div(beta).neg(),
    correlations: couplings.arrange(tanh(alike.sub(unlike).mul(0.5)), 1),
  };
}
