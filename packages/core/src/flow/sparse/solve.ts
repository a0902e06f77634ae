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
import { product } from '../../functions/sparse/product.ts';
import {
  checkRightSide,
  checkSquare,
  type SparseMatrix,
} from '../../functions/sparse/sparse-matrix.ts';
import { asTensor } from '../../functions/tensor.ts';
import { checkChoice, checkOptions, checkWhole, describeValue } from '../../tensor/check.ts';
import { isFloat } from '../../tensor/dtype.ts';
import type { TensorLike } from '../../tensor/methods.ts';
import { ShapeError } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { type KrylovOptions, limitsOf } from './krylov-options.ts';
import type { LinearSolution } from './solution.ts';
import { solveDirect } from './solve-direct.ts';
import { isSymmetric, type KrylovMethod, solveIterative } from './solve-iterative.ts';

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
   * How the system is solved: `cholesky` or `cg` for a symmetric positive definite matrix, `minres` for a
   * symmetric one, `lu`, `gmres` or `bicgstab` for any. `auto`, when left out, is LU where the factors fit into memory, and else GMRES with
   * `ilu0`.
   */
  readonly method?: 'auto' | 'cholesky' | 'lu' | KrylovMethod;
}

/** Entries of a triangular factor up to which `auto` factorizes. */
const mostFill = 2 ** 25;

const krylov = ['preconditioner', 'tolerance', 'maxIterations'] as const;
const names = ['none', 'jacobi', 'ilu0', 'ic0', 'multigrid'] as const;
const iterative: readonly string[] = ['cg', 'minres', 'bicgstab', 'gmres'];

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

/** A linear map of vectors `[n]`, which a matrix could stand for. */
export type LinearMap = (x: Tensor) => Tensor;

/**
 * The solution for a symmetric positive definite matrix, or a linear map with one, by conjugate gradients; see
 * `solve`. A linear map takes one right-hand side, and no preconditioner that is asked for by name.
 *
 * @throws ShapeError when the map does not keep the shape of b.
 */
export function cg(
  a: SparseMatrix | LinearMap,
  b: TensorLike,
  options: IterativeSolveOptions = {},
): LinearSolution {
  checkOptions('sparse.cg', options, krylov);
  return solveAs('sparse.cg', a, b, { ...options, method: 'cg' });
}

/** The solution for a symmetric matrix or map, definite or not, by MINRES; see `solve` and `cg`. */
export function minres(
  a: SparseMatrix | LinearMap,
  b: TensorLike,
  options: IterativeSolveOptions = {},
): LinearSolution {
  checkOptions('sparse.minres', options, krylov);
  return solveAs('sparse.minres', a, b, { ...options, method: 'minres' });
}

/** The solution for any matrix or map by restarted GMRES; see `solve` and `cg`. */
export function gmres(
  a: SparseMatrix | LinearMap,
  b: TensorLike,
  options: GmresOptions = {},
): LinearSolution {
  checkOptions('sparse.gmres', options, [...krylov, 'restart']);
  return solveAs('sparse.gmres', a, b, { ...options, method: 'gmres' });
}

/** The solution for any matrix or map by BiCGStab; see `solve` and `cg`. */
export function bicgstab(
  a: SparseMatrix | LinearMap,
  b: TensorLike,
  options: IterativeSolveOptions = {},
): LinearSolution {
  checkOptions('sparse.bicgstab', options, krylov);
  return solveAs('sparse.bicgstab', a, b, { ...options, method: 'bicgstab' });
}

function solveAs(
  name: string,
  a: SparseMatrix | Factorization | LinearMap,
  b: TensorLike,
  options: SolveOptions,
): LinearSolution {
  checkOptions(name, options, ['method', 'restart', ...krylov]);
  const { method: asked = 'auto', restart = 30 } = options;
  checkChoice(name, 'method', asked, [
    'auto',
    'cholesky',
    'lu',
    'cg',
    'minres',
    'bicgstab',
    'gmres',
  ]);
  checkWhole(name, 'restart', restart, 1);
  if (typeof a === 'function' && isKrylov(asked)) {
    return solveMap(name, a, b, { ...options, method: asked, restart });
  }
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
  const own = isSymmetric(method) ? symmetricPart(name, matrix) : matrix;
  const { preconditioner = fits ? 'none' : 'ilu0' } = options;
  return solveIterative((x) => product(own, x), rhs, {
    ...limitsOf(name, options, own.pattern.shape[0], own.data.dtype),
    method,
    restart,
    preconditioner: preconditionerOf(name, own, preconditioner),
  });
}

/** The solution for a linear map. */
function solveMap(
  name: string,
  map: LinearMap,
  b: TensorLike,
  {
    preconditioner,
    method,
    restart,
    ...options
  }: SolveOptions & {
    readonly method: KrylovMethod;
    readonly restart: number;
  },
): LinearSolution {
  const rhs = asTensor(b, name, 'the right-hand side');
  if (rhs.ndim !== 1 || !isFloat(rhs.dtype)) {
    throw new ShapeError(
      `${name}: for a linear map the right-hand side is a vector of floats; it is ${describeValue(rhs)}. Use vmap for several.`,
    );
  }
  if (typeof preconditioner === 'string' && preconditioner !== 'none') {
    throw new TypeError(
      `${name}: '${preconditioner}' needs the elements of a matrix; for a linear map, give a preconditioner as an object.`,
    );
  }
  return solveIterative(map, rhs, {
    ...limitsOf(name, options, rhs.size, rhs.dtype),
    method,
    restart,
    preconditioner: typeof preconditioner === 'object' ? preconditioner : undefined,
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
