import { reshape } from '../../functions/shape.ts';
import type { Preconditioner } from '../../functions/sparse/preconditioner.ts';
import { product } from '../../functions/sparse/product.ts';
import type { SparseMatrix } from '../../functions/sparse/sparse-matrix.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { vmap } from '../../transforms/vmap.ts';
import { implicitLinearSolve } from '../implicit-linear-solve.ts';
import { biConjugateGradient } from './bi-conjugate-gradient.ts';
import { conjugateGradient } from './conjugate-gradient.ts';
import type { KrylovLimits } from './krylov-options.ts';
import { minimalResidual } from './minimal-residual.ts';
import type { Apply, LinearSolution, SolveReport } from './solution.ts';

/** Iterative methods for systems of equations. */
export type KrylovMethod = 'cg' | 'bicgstab' | 'gmres';

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
  bicgstab: biConjugateGradient,
  gmres: minimalResidual,
};

/** The solution by an iterative method, differentiated as the solution of the system. */
export function solveIterative(
  matrix: SparseMatrix,
  b: Tensor,
  options: IterativeOptions,
): LinearSolution {
  if (b.ndim === 2) {
    const each = vmap((column: Tensor) => solveIterative(matrix, column, options), { inAxes: 1 });
    const { x, ...report } = each(b);
    return { x: x.transpose(), ...report };
  }
  const { method, preconditioner } = options;
  const same: Apply = (x) => x;
  const iterate = methods[method];
  const [x, report] = implicitLinearSolve<Tensor, SolveReport>((v) => product(matrix, v), b, {
    hasAux: true,
    symmetric: method === 'cg',
    solve: (apply, rhs) => iterate(apply, preconditioner?.apply ?? same, rhs, options),
    transposeSolve: (apply, rhs) =>
      iterate(apply, preconditioner?.applyTransposed ?? same, rhs, options),
  });
  return { x: reshape(x, b.shape), ...report };
}
