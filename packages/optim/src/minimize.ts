import type { Tensor, Traced } from '@grad/core';
import type { ConstrainedMinimum, MinimizeOptions } from './minimize-options.ts';
import { prepare } from './minimizer.ts';

/**
 * Minimizes a smooth scalar function of a tree, where wanted within bounds and under equalities and
 * inequalities. Without them by L-BFGS; with them by a primal-dual interior-point method with exact second derivatives, whose
 * sparsity is found and used: thousands of unknowns are fine where each constraint has few of them.
 *
 * It finds a local minimum. All functions must be pure; they are compiled once. The minimization gives
 * way to timers and events every 16 ms, and does not throw when it fails to converge.
 *
 * @param f scalar function of tensors in the structure of `x0`
 * @param x0 tensors and numbers in arrays and objects, float64; it need not satisfy anything
 * @throws TypeError when x0 is not float64, or bounds do not fit; RangeError when an option makes no sense or a lower
 * bound is above an upper one.
 * @see A. Wächter and L. Biegler, On the implementation of an interior-point filter line-search algorithm
 * for large-scale nonlinear programming, Math. Program. 106 (2006) 25.
 */
export async function minimize<const X, E = null, I = null>(
  f: (x: Traced<X>) => Tensor,
  x0: X,
  options: MinimizeOptions<X, E, I> = {},
): Promise<ConstrainedMinimum<X, E, I>> {
  const { equalities, inequalities, ...how } = options;
  const solve = prepare<X, undefined, E, I>('minimize', f, {
    x0,
    args: undefined,
    equalities,
    inequalities,
  });
  return solve(x0, undefined, how);
}
