import { grad, jit, type Tensor, vmap } from '@grad/core';
import { compileCollocation, type Grid } from './collocation.ts';
import { pontryagin } from './hamiltonian.ts';
import { compileIlqr } from './ilqr.ts';
import { compileIndirect } from './indirect.ts';
import { limitsOf } from './limits.ts';
import { memo } from './memo.ts';
import type { FullProblem } from './problem.ts';
import { compileShooting, type ShootingGrid } from './shooting.ts';

/** A problem with what is compiled for it when it is first needed, and kept for each structure. */
export type Compiled = ReturnType<typeof compiledOf>;

/** Makes what is compiled for a problem. */
export function compiledOf(problem: FullProblem) {
  const H = pontryagin(problem);
  const limits = limitsOf(problem, true);
  type Ilqr = { readonly intervals: number; readonly steps: number };
  return {
    problem,
    collocation: memo((grid: Grid) => compileCollocation(problem, grid)),
    shooting: memo((grid: ShootingGrid) => compileShooting(problem, grid)),
    indirect: memo((grid: Parameters<typeof compileIndirect>[1]) => compileIndirect(problem, grid)),
    ilqr: memo(({ intervals, steps }: Ilqr) => compileIlqr(problem, intervals, { steps })),
    /** H [k] and dH/du [k, m] along a path. */
    hamiltonian: jit(({ states, costates, controls, times }: Path, theta: Tensor) => {
      const at = (x: Tensor, p: Tensor, u: Tensor, t: Tensor): Tensor => H(x, p, u, t, theta);
      return {
        hamiltonian: vmap(at)(states, costates, controls, times),
        switching: vmap(grad(at, { argnums: 2 }))(states, costates, controls, times),
      };
    }),
    /** All that is to be at most 0 along a path, [k, q], with its number; null where there is nothing. */
    limits: limits && {
      count: limits.names.length,
      along: jit((states: Tensor, controls: Tensor, times: Tensor, theta: Tensor) =>
        vmap((x: Tensor, u: Tensor, t: Tensor) => limits.at(x, u, t, theta))(
          states,
          controls,
          times,
        ),
      ),
    },
  };
}

/** A path, with rows that belong to times. */
export type Path = {
  readonly states: Tensor;
  readonly costates: Tensor;
  readonly controls: Tensor;
  readonly times: Tensor;
};
