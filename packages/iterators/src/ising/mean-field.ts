import type { AsyncOptions } from '@grad/core';
import { runSearch, runSearchAsync, type WithStatus } from '../search.ts';
import { solveFields } from './naive-energy.ts';
import {
  type IsingOptions,
  type IsingProblem,
  type IsingState,
  readProblem,
} from './spin-problem.ts';

/**
 * Mean field of an Ising model: m_i = tanh(beta (sum of J_ij m_j + h_i)), and its free energy, which is
 * an upper bound of the exact one.
 *
 * Magnetizations and the free energy can be differentiated in J, h and beta by the implicit function
 * theorem, in both modes and any order; `jacfwd` in h gives susceptibilities. Near a critical point the
 * iteration is slow; one that does not converge has the status `maxIterations`.
 *
 * @throws ShapeError, RangeError or TypeError that names what is wrong with the problem or an option.
 * @see M. Opper and D. Saad (eds.), Advanced Mean Field Methods (2001), chapter 2.
 */
export function meanField(
  problem: IsingProblem,
  options: IsingOptions = {},
): WithStatus<IsingState> {
  const read = readProblem('meanField', problem, options);
  return runSearch(() => solveFields(read));
}

/** The same, in slices between which other tasks have their turn. */
meanField.async = async (
  problem: IsingProblem,
  { signal, onProgress, ...options }: IsingOptions & AsyncOptions = {},
): Promise<WithStatus<IsingState>> => {
  const read = readProblem('meanField', problem, options);
  const how = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  return await runSearchAsync(() => solveFields(read), how);
};
