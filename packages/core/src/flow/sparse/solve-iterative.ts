import { reshape } from '../../functions/shape.ts';
import type { Preconditioner } from '../../functions/sparse/preconditioner.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { vmap } from '../../transforms/vmap.ts';
import { implicitLinearSolve } from '../implicit-linear-solve.ts';
import { biConjugateGradient } from './bi-conjugate-gradient.ts';
import { conjugateGradient } from './conjugate-gradient.ts';
import type { KrylovLimits } from './krylov-options.ts';
import { minimalResidual } from './minimal-residual.ts';
import type { Apply, LinearSolution, SolveReport } from './solution.ts';
import { symmetricMinimalResidual } from './symmetric-minimal-residual.ts';

/** Iterative methods for systems of equations. */
export type KrylovMethod = 'cg' | 'minres' | 'bicgstab' | 'gmres';

export interface IterativeOptions extends KrylovLimits {
  readonly method: KrylovMethod;
  readonly restart: number;
  readonly preconditioner?: Preconditioner | undefined;
}

type Iterate = (
  apply: Apply,
  precondition: Apply,
  b: Tensor,
  options: IterativeOptions,
) => [Tensor, SolveReport];

const methods: { readonly [M in KrylovMethod]: Iterate } = {
  cg: conjugateGradient,
  minres: symmetricMinimalResidual,
  bicgstab: biConjugateGradient,
  gmres: minimalResidual,
};

/** Whether a method is for symmetric matrices. */
export function isSymmetric(method: KrylovMethod): boolean {
  return method === 'cg' || method === 'minres';
}

/** The solution by an iterative method, differentiated as the solution of the system; `map` is linear. */
export function solveIterative(map: Apply, b: Tensor, options: IterativeOptions): LinearSolution {
  if (b.ndim === 2) {
    const each = vmap((column: Tensor) => solveIterative(map, column, options), { inAxes: 1 });
    const { x, ...report } = each(b);
    return { x: x.transpose(), ...report };
  }
  const { method, preconditioner } = options;
  const same: Apply = (x) => x;
  const iterate = methods[method];
  const [x, report] = implicitLinearSolve<Tensor, SolveReport>(map, b, {
    hasAux: true,
    symmetric: isSymmetric(method),
    solve: (apply, rhs) => iterate(apply, preconditioner?.apply ?? same, rhs, options),
    transposeSolve: (apply, rhs) =>
      iterate(apply, preconditioner?.applyTransposed ?? same, rhs, options),
  });
  return { x: reshape(x, b.shape), ...report };
}
