import {
  type Argument,
  type AsyncOptions,
  jit,
  stopGradient,
  type Tensor,
  type Traced,
} from '@grad/core';
import { checkChoice, checkCount, checkNumber, checkOptions } from '../check.ts';
import { defineHidden } from '../hidden.ts';
import { withImplicitDerivative } from './implicit.ts';
import type { Iteration } from './iteration.ts';
import { newton } from './newton.ts';
import { anderson, picard } from './picard.ts';
import { type SolveStatus, solveStatus } from './status.ts';
import { vectorEquation } from './vector-equation.ts';

/** Options of `fixedPoint`. */
export interface FixedPointOptions {
  /**
   * `picard`, x <- f(x), converges for contractions; `anderson`, when left out, in fewer steps and more often;
   * `newton` quadratically from nearby, at the cost of a Jacobian in each step.
   */
  readonly solver?: 'picard' | 'anderson' | 'newton';
  /** The largest element of |f(x) - x| to stop at; 1e-10 when left out, 1e-5 for float32. */
  readonly tol?: number;
  /** 1000 when left out. */
  readonly maxIterations?: number;
  /** Points that `anderson` remembers besides the newest; 5 when left out. */
  readonly memory?: number;
  /**
   * `implicit`, when left out: the derivative of the fixed point, by the implicit function theorem.
   * `unroll`: that of the iterations that were taken.
   */
  readonly adjoint?: 'implicit' | 'unroll';
}

/** The end of a search for a root or a fixed point. */
export interface Solution<X> {
  /** In the structure of the start. */
  readonly value: Traced<X>;
  /** The largest element of |f(x) - x|, or for a root |f(x)|, at the value; it has no derivative. */
  readonly residual: Tensor;
  /** int32. */
  readonly iterations: Tensor;
  /** Number of the status, which `solveStatus` names: int32, for use inside `jit` and `vmap`. */
  readonly code: Tensor;
  /** How the search ended; known only outside of `jit` and `vmap`. */
  readonly status: SolveStatus;
}

/**
 * A fixed point x = f(x, args), found from x0 in one compiled loop. It can be differentiated in args and
 * in what f closes over, in both modes and any order, and batched; the start has no derivative unless
 * `adjoint` is `unroll`. A gradient costs about one linear solve, whatever the number of iterations.
 *
 * An iteration that does not converge is no error; look at `status` and `residual`.
 *
 * @param f - A pure function that keeps the structure of x.
 * @param x0 - A tree of float64, or of float32.
 * @throws ShapeError when f does not keep the shapes of x; RangeError or TypeError when an option makes no sense.
 * @throws MatrixError when the derivative is computed where 1 is an eigenvalue of df/dx.
 * @see Blondel et al., *Efficient and modular implicit differentiation* (2022); Bai, Kolter and Koltun, *Deep
 * equilibrium models* (2019).
 */
export function fixedPoint<const X, const A = undefined>(
  f: (x: NoInfer<Traced<X>>, args: NoInfer<Traced<A>>) => NoInfer<Argument<Traced<X>>>,
  x0: X,
  args?: A,
  options: FixedPointOptions = {},
): Solution<X> {
  return solutionOf(prepare(f, x0, args, options)());
}

/** The same, in slices between which other tasks have their turn; see `odeint.async`. */
fixedPoint.async = async <const X, const A = undefined>(
  f: (x: NoInfer<Traced<X>>, args: NoInfer<Traced<A>>) => NoInfer<Argument<Traced<X>>>,
  x0: X,
  args?: A,
  { signal, onProgress, ...options }: FixedPointOptions & AsyncOptions = {},
): Promise<Solution<X>> => {
  const how = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  return solutionOf(await prepare(f, x0, args, options).async([], how));
};

function prepare<X, A>(
  given: (x: Traced<X>, args: Traced<A>) => unknown,
  start: X,
  args: A | undefined,
  options: FixedPointOptions,
) {
  const name = 'fixedPoint';
  checkOptions(name, options, ['solver', 'tol', 'maxIterations', 'memory', 'adjoint']);
  const { f, x0, unravel } = vectorEquation(name, given, start, args);
  const { solver = 'anderson', memory = 5, adjoint = 'implicit' } = options;
  const { tol = x0.dtype === 'float32' ? 1e-5 : 1e-10, maxIterations = 1000 } = options;
  checkChoice(name, 'solver', solver, ['picard', 'anderson', 'newton']);
  checkChoice(name, 'adjoint', adjoint, ['implicit', 'unroll']);
  checkNumber(name, 'tol', tol, { least: 0 });
  checkCount(name, 'maxIterations', maxIterations);
  checkCount(name, 'memory', memory);
  const rest = (x: Tensor): Tensor => f(x).sub(x);
  const limits = { tol, maxIterations, memory };
  const iterate = {
    picard: () => picard(f, x0, limits),
    anderson: () => anderson(f, x0, limits),
    newton: () => newton(rest, x0, limits),
  }[solver];
  return jit(() => treeOf(differentiated(iterate(), adjoint, rest), unravel));
}

/** What a search gives, as tensors alone. */
export type SolutionTensors<X> = Omit<Solution<X>, 'status'>;

/** The end of an iteration with the derivative that was asked for. */
export function differentiated(
  found: Iteration,
  adjoint: 'implicit' | 'unroll',
  f: (x: Tensor) => Tensor,
): Iteration {
  return {
    ...found,
    residual: stopGradient(found.residual),
    x: adjoint === 'unroll' ? found.x : withImplicitDerivative(f, stopGradient(found.x)),
  };
}

/** The end of an iteration in the structure of the unknowns. */
export function treeOf<X>(
  { x, residual, iterations, code }: Iteration,
  unravel: (x: Tensor) => Traced<X>,
): SolutionTensors<X> {
  return { value: unravel(x), residual, iterations, code };
}

/** With the status, where it is known. */
export function solutionOf<X>(found: SolutionTensors<X>): Solution<X> {
  const solution: SolutionTensors<X> = { ...found };
  defineHidden(solution, 'status', () => solveStatus(found.code));
  return solution;
}
