import {
  cholesky,
  type Factorization,
  factorSize,
  isFactorization,
  lu,
  symmetricPart,
} from '../../functions/sparse/factorization.ts';
import { multigrid } from '../../functions/sparse/multigrid.ts';
import { ic0, ilu0, jacobi, type Preconditioner } from '../../functions/sparse/preconditioner.ts';
import {
  checkRightSide,
  checkSquare,
  type SparseMatrix,
} from '../../functions/sparse/sparse-matrix.ts';
import { checkChoice, checkOptions, checkWhole } from '../../tensor/check.ts';
import type { TensorLike } from '../../tensor/methods.ts';
import { type KrylovOptions, limitsOf } from './krylov-options.ts';
import type { LinearSolution } from './solution.ts';
import { solveDirect } from './solve-direct.ts';
import { type KrylovMethod, solveIterative } from './solve-iterative.ts';

/** Preconditioners by their names. */
export type PreconditionerName = 'none' | 'jacobi' | 'ilu0' | 'ic0' | 'multigrid';

/** Options of an iterative method. */
export interface IterativeSolveOptions extends KrylovOptions {
  /** An approximate inverse, or the name of one; 'none' when left out. */
  readonly preconditioner?: PreconditionerName | Preconditioner;
}

/** Options of GMRES. */
export interface GmresOptions extends IterativeSolveOptions {
  /** Iterations after which it starts again, with as many vectors in memory; 30 when left out. */
  readonly restart?: number;
}

/** Options of `solve`. */
export interface SolveOptions extends GmresOptions {
  /**
   * How the system is solved: `cholesky` or `cg` for a symmetric positive definite matrix, `lu`, `gmres` or
   * `bicgstab` for any. `auto`, when left out, is LU where the factors fit into memory, and else GMRES with
   * `ilu0`.
   */
  readonly method?: 'auto' | 'cholesky' | 'lu' | KrylovMethod;
}

/** Entries of a triangular factor up to which `auto` factorizes. */
const mostFill = 2 ** 25;

const krylov = ['preconditioner', 'tolerance', 'maxIterations'] as const;
const names = ['none', 'jacobi', 'ilu0', 'ic0', 'multigrid'] as const;
const iterative: readonly string[] = ['cg', 'bicgstab', 'gmres'];

/**
 * The solution of `A x = b` for a sparse matrix, or one that `cholesky` or `lu` has factorized, and a vector
 * `[n]` or a matrix `[n, k]` of right-hand sides. Differentiable in the values and in b: derivatives are
 * solutions by the same factorization, or by the same iterative method, however often it is
 * differentiated.
 *
 * What comes back beside x says how good it is. An iterative method that does not converge is no error;
 * look at `converged`.
 *
 * @throws ShapeError when the matrix is not square, or b does not fit.
 * @throws MatrixError when a factorization fails as the call runs: not positive definite, or singular.
 */
export function solve(
  a: SparseMatrix | Factorization,
  b: TensorLike,
  options: SolveOptions = {},
): LinearSolution {
  return solveAs('sparse.solve', a, b, options);
}

/** The solution for a symmetric positive definite matrix by conjugate gradients; see `solve`. */
export function cg(
  a: SparseMatrix,
  b: TensorLike,
  options: IterativeSolveOptions = {},
): LinearSolution {
  checkOptions('sparse.cg', options, krylov);
  return solveAs('sparse.cg', a, b, { ...options, method: 'cg' });
}

/** The solution for any matrix by restarted GMRES; see `solve`. */
export function gmres(a: SparseMatrix, b: TensorLike, options: GmresOptions = {}): LinearSolution {
  checkOptions('sparse.gmres', options, [...krylov, 'restart']);
  return solveAs('sparse.gmres', a, b, { ...options, method: 'gmres' });
}

/** The solution for any matrix by BiCGStab; see `solve`. */
export function bicgstab(
  a: SparseMatrix,
  b: TensorLike,
  options: IterativeSolveOptions = {},
): LinearSolution {
  checkOptions('sparse.bicgstab', options, krylov);
  return solveAs('sparse.bicgstab', a, b, { ...options, method: 'bicgstab' });
}

function solveAs(
  name: string,
  a: SparseMatrix | Factorization,
  b: TensorLike,
  options: SolveOptions,
): LinearSolution {
  checkOptions(name, options, ['method', 'restart', ...krylov]);
  const { method: asked = 'auto', restart = 30 } = options;
  checkChoice(name, 'method', asked, ['auto', 'cholesky', 'lu', 'cg', 'bicgstab', 'gmres']);
  checkWhole(name, 'restart', restart, 1);
  if (isFactorization(a)) {
    if (asked !== 'auto' && asked !== a.kind) {
      throw new TypeError(
        `${name}: the matrix has been factorized by ${a.kind}; the method cannot be '${asked}'.`,
      );
    }
    return solveDirect(a, checkRightSide(name, b, a.matrix.pattern.shape[0], a.matrix));
  }
  const matrix = checkSquare(name, 'the first argument', a);
  const rhs = checkRightSide(name, b, matrix.pattern.shape[0], matrix);
  const fits = asked !== 'auto' || factorSize(matrix.pattern).fill <= mostFill;
  const method = asked === 'auto' ? (fits ? 'lu' : 'gmres') : asked;
  if (!isKrylov(method)) {
    for (const option of [...krylov, 'restart'] as const) {
      if (asked === 'auto' || options[option] === undefined) continue;
      throw new TypeError(
        `${name}: ${option} is for iterative methods; the method is '${method}'.`,
      );
    }
    return solveDirect(method === 'cholesky' ? cholesky(matrix) : lu(matrix), rhs);
  }
  const own = method === 'cg' ? symmetricPart(name, matrix) : matrix;
  const { preconditioner = fits ? 'none' : 'ilu0' } = options;
  return solveIterative(own, rhs, {
    ...limitsOf(name, options, own.pattern.shape[0], own.data.dtype),
    method,
    restart,
    preconditioner: preconditionerOf(name, own, preconditioner),
  });
}

function isKrylov(method: string): method is KrylovMethod {
  return iterative.includes(method);
}

function preconditionerOf(
  name: string,
  matrix: SparseMatrix,
  given: PreconditionerName | Preconditioner,
): Preconditioner | undefined {
  if (typeof given === 'object' && given !== null && 'apply' in given) return given;
  checkChoice(name, 'preconditioner', given, names);
  switch (given) {
    case 'none':
      return undefined;
    case 'jacobi':
      return jacobi(matrix);
    case 'ilu0':
      return ilu0(matrix);
    case 'ic0':
      return ic0(matrix);
    case 'multigrid':
      return multigrid(matrix);
  }
}
