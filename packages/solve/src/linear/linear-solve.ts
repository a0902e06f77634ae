import {
  type Argument,
  eye,
  linalg,
  linearTranspose,
  ShapeError,
  sparse,
  stopGradient,
  type Tensor,
  type Traced,
  tensor,
  tree,
  vmap,
  where,
} from '@grad/core';
import { checkChoice, checkCount, checkNumber, checkOptions } from '../check.ts';

/** Methods of `linearSolve`. */
export type LinearSolverName = 'auto' | 'direct' | 'cg' | 'minres' | 'gmres' | 'bicgstab';

/** Options of an iterative linear solver. */
export interface IterativeOptions<B> {
  /** The relative residual |b - A x| / |b| to stop at; 1e-10 when left out, 1e-5 for float32. */
  readonly tol?: number;
  /** Ten times the number of unknowns, and 10,000 at most, when left out. */
  readonly maxIterations?: number;
  /** An approximate inverse of A, linear; for `cg` and `minres` symmetric and positive definite. */
  readonly preconditioner?: (r: NoInfer<Traced<B>>) => NoInfer<Argument<Traced<B>>>;
}

/** Options of `gmres`. */
export interface GmresOptions<B> extends IterativeOptions<B> {
  /** Iterations after which it starts again, with as many vectors in memory; 30 when left out. */
  readonly restart?: number;
}

/** Options of `linearSolve`. */
export interface LinearSolveOptions<B> extends GmresOptions<B> {
  /**
   * How the system is solved: `cg` where A is symmetric positive definite, `minres` where it is symmetric,
   * `gmres` and `bicgstab` for any; `direct` writes A out as a matrix and factorizes it. `auto`, when left
   * out, is `direct` up to 128 unknowns, and beyond `minres` or `gmres`, depending on `symmetric`.
   */
  readonly solver?: LinearSolverName;
  /** Whether A is its own transpose. */
  readonly symmetric?: boolean;
}

/** The solution of a linear system, and how good it is. */
export interface LinearSolution<B> {
  /** The solution, in the structure of b. */
  readonly x: Traced<B>;
  /** Whether the residual is as small as was asked for: bool. */
  readonly converged: Tensor;
  /** int32; 0 for the direct solver. */
  readonly iterations: Tensor;
  /** |b - A x| / |b| in the Euclidean norm over all elements. */
  readonly residual: Tensor;
}

/** Unknowns up to which a system is written out as a matrix. */
export const directSize = 128;

/**
 * The solution of A x = b, where A is given as a linear function of trees. It can be differentiated in b and in all that
 * `matvec` uses, in both modes and any order: derivatives are solutions with A, or with its transpose
 * in reverse mode, by the same method.
 *
 * A solver that does not converge is no error; look at `converged` and `residual`.
 *
 * @param matvec - x -> A x, linear, in the structure of b.
 * @param b - A tree of float64, or of float32.
 * @throws TypeError or ShapeError when matvec does not keep the structure of b.
 * @throws MatrixError when the call runs and the direct solver meets a singular matrix.
 * @see Saad, *Iterative Methods for Sparse Linear Systems* (2nd ed. 2003), chapters 6 and 9.
 */
export function linearSolve<const B>(
  matvec: (x: NoInfer<Traced<B>>) => NoInfer<Argument<Traced<B>>>,
  b: B,
  options: LinearSolveOptions<B> = {},
): LinearSolution<B> {
  return solveNamed('linearSolve', matvec, b, options);
}

/** The solution for a symmetric positive definite A, by conjugate gradients; see `linearSolve`. */
export function cg<const B>(
  matvec: (x: NoInfer<Traced<B>>) => NoInfer<Argument<Traced<B>>>,
  b: B,
  options: IterativeOptions<B> = {},
): LinearSolution<B> {
  return solveNamed('cg', matvec, b, { ...options, solver: 'cg' });
}

/** The solution for a symmetric A, definite or not, by MINRES; see `linearSolve`. */
export function minres<const B>(
  matvec: (x: NoInfer<Traced<B>>) => NoInfer<Argument<Traced<B>>>,
  b: B,
  options: IterativeOptions<B> = {},
): LinearSolution<B> {
  return solveNamed('minres', matvec, b, { ...options, solver: 'minres' });
}

/** The solution for any A, by restarted GMRES; see `linearSolve`. */
export function gmres<const B>(
  matvec: (x: NoInfer<Traced<B>>) => NoInfer<Argument<Traced<B>>>,
  b: B,
  options: GmresOptions<B> = {},
): LinearSolution<B> {
  return solveNamed('gmres', matvec, b, { ...options, solver: 'gmres' });
}

/** The solution for any A, by BiCGStab; see `linearSolve`. */
export function bicgstab<const B>(
  matvec: (x: NoInfer<Traced<B>>) => NoInfer<Argument<Traced<B>>>,
  b: B,
  options: IterativeOptions<B> = {},
): LinearSolution<B> {
  return solveNamed('bicgstab', matvec, b, { ...options, solver: 'bicgstab' });
}

function solveNamed<B>(
  name: string,
  matvec: (x: Traced<B>) => Argument<Traced<B>>,
  b: B,
  options: LinearSolveOptions<B>,
): LinearSolution<B> {
  checkOptions(name, options, [
    'tol',
    'maxIterations',
    'preconditioner',
    'restart',
    'solver',
    'symmetric',
  ]);
  const {
    solver = 'auto',
    symmetric = false,
    preconditioner,
    tol,
    maxIterations,
    restart,
  } = options;
  checkChoice(name, 'solver', solver, ['auto', 'direct', 'cg', 'minres', 'gmres', 'bicgstab']);
  if (tol !== undefined) checkNumber(name, 'tol', tol, { above: 0 });
  if (maxIterations !== undefined) checkCount(name, 'maxIterations', maxIterations);
  if (restart !== undefined) checkCount(name, 'restart', restart);
  const [vector, unravel] = tree.ravel(b);
  const onVectors =
    (f: (x: Traced<B>) => Argument<Traced<B>>, what: string) =>
    (x: Tensor): Tensor => {
      const [image] = tree.ravel(f(unravel(x)));
      if (image.size !== x.size) {
        throw new ShapeError(
          `${name}: ${what} gives ${image.size} elements for ${x.size}; it must keep the structure of b.`,
        );
      }
      return image;
    };
  const apply = onVectors(matvec, 'matvec');
  const before = preconditioner && onVectors(preconditioner, 'the preconditioner');
  const { x, ...report } = solveVector(apply, vector, {
    solver,
    symmetric,
    ...(tol !== undefined && { tolerance: tol }),
    ...(maxIterations !== undefined && { maxIterations }),
    ...(restart !== undefined && { restart }),
    ...(before && { preconditioner: preconditionerOf(before, vector) }),
  });
  return { x: unravel(x), ...report };
}

/** How to solve a system of vectors. */
export interface VectorSolveOptions extends sparse.IterativeSolveOptions {
  readonly solver: LinearSolverName;
  readonly symmetric: boolean;
  readonly restart?: number;
}

/** The solution of a system of vectors. */
export function solveVector(
  apply: (x: Tensor) => Tensor,
  b: Tensor,
  { solver: asked, symmetric, restart, ...options }: VectorSolveOptions,
): sparse.LinearSolution {
  const large = symmetric ? 'minres' : 'gmres';
  const small = b.size <= directSize && options.preconditioner === undefined;
  const solver = asked === 'auto' ? (small ? 'direct' : large) : asked;
  switch (solver) {
    case 'direct':
      return solveDirect(apply, b, options.tolerance);
    case 'gmres':
      return sparse.gmres(apply, b, { ...options, ...(restart !== undefined && { restart }) });
    case 'cg':
      return sparse.cg(apply, b, options);
    case 'minres':
      return sparse.minres(apply, b, options);
    case 'bicgstab':
      return sparse.bicgstab(apply, b, options);
  }
}

function solveDirect(
  apply: (x: Tensor) => Tensor,
  b: Tensor,
  tolerance = b.dtype === 'float32' ? 1e-5 : 1e-10,
): sparse.LinearSolution {
  const x = linalg.solve(matrixOf(apply, b), b);
  const [rest, size] = [b.sub(apply(x)), b].map((v) => v.square().sum().sqrt());
  if (!rest || !size) throw new Error('A norm is missing.');
  const residual = stopGradient(rest.div(where(size.gt(0), size, 1)));
  return {
    x,
    converged: residual.le(tolerance),
    iterations: tensor(0, { dtype: 'int32' }),
    residual,
  };
}

/** The matrix of a linear map of vectors like b. */
function matrixOf(apply: (x: Tensor) => Tensor, b: Tensor): Tensor {
  return vmap(apply, { outAxes: 1 })(eye(b.size).astype(b.dtype));
}

function preconditionerOf(apply: (x: Tensor) => Tensor, like: Tensor): sparse.Preconditioner {
  const transposed = linearTranspose(apply, like);
  return { apply, applyTransposed: (r) => transposed(r)[0] };
}
