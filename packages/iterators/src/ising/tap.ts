import type { AsyncOptions, Tensor } from '@grad/core';
import { runSearch, runSearchAsync, type WithStatus } from '../search.ts';
import { solveFields } from './naive-energy.ts';
import {
  type IsingOptions,
  type IsingProblem,
  type IsingState,
  readProblem,
  type SpinProblem,
} from './spin-problem.ts';

/**
 * The equations of Thouless, Anderson and Palmer: mean field with the reaction of each spin's neighbors
 * to itself taken off,
 *
 *   m_i = tanh(beta (sum_j J_ij m_j + h_i - beta m_i sum_j J_ij^2 (1 - m_j^2))),
 *
 * the second order of the free energy in the couplings. Derivatives and options are those of `meanField`.
 * The equations are for weak couplings; at low temperature the iteration may not converge.
 *
 * @throws what `meanField` throws.
 * @see D. Thouless, P. Anderson and R. Palmer, Philosophical Magazine 35 (1977) 593; T. Plefka, Journal of
 * Physics A 15 (1982) 1971.
 */
export function tap(problem: IsingProblem, options: IsingOptions = {}): WithStatus<IsingState> {
  const read = readProblem('tap', problem, options);
  return runSearch(() => solveTap(read));
}

/** The same, in slices between which other tasks have their turn. */
tap.async = async (
  problem: IsingProblem,
  { signal, onProgress, ...options }: IsingOptions & AsyncOptions = {},
): Promise<WithStatus<IsingState>> => {
  const read = readProblem('tap', problem, options);
  const how = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  return await runSearchAsync(() => solveTap(read), how);
};

function solveTap(problem: SpinProblem): IsingState {
  const { couplings, beta } = problem;
  const spread = (m: Tensor): Tensor => m.square().neg().add(1);
  const around = (m: Tensor): Tensor => couplings.timesSquares(spread(m));
  return solveFields(problem, {
    field: (m) => around(m).mul(m).mul(beta).neg(),
    energy: (m) => around(m).mul(spread(m)).sum().mul(beta).mul(-0.25),
  });
}
