import {
  type Argument,
  type AsyncOptions,
  jit,
  ShapeError,
  type TensorLike,
  type Traced,
  tensor,
} from '@grad/core';
import { checkChoice, checkCount, checkNumber, checkOptions } from '../check.ts';
import { bracketed } from './bracketed.ts';
import { differentiated, type Solution, solutionOf, treeOf } from './fixed-point.ts';
import { newton } from './newton.ts';
import { vectorEquation } from './vector-equation.ts';

/** Options of `root`. */
export interface RootOptions {
  /** The largest element of |f(x)| to stop at; 1e-10 when left out, 1e-5 for float32. */
  readonly tol?: number;
  /** 100 when left out. */
  readonly maxIterations?: number;
  /**
   * For one unknown: two numbers, tensors too, between which f changes its sign. The root is found
   * between them, wherever x0 is.
   */
  readonly bracket?: readonly [TensorLike, TensorLike];
  /**
   * `implicit`, when left out: the derivative of the root, by the implicit function theorem.
   * `unroll`: that of the iterations that were taken.
   */
  readonly adjoint?: 'implicit' | 'unroll';
}

/**
 * A root f(x, args) = 0, found from x0 in one compiled loop by Newton's method with exact Jacobians and
 * steps that are shortened until the residual falls; with a `bracket`, kept inside it by bisection. It can
 * be differentiated in args and in what f closes over, in both modes and any order, and batched. A
 * gradient costs about one linear solve, whatever the number of iterations.
 *
 * Systems of up to 128 unknowns are solved by factorization, larger ones by GMRES.
 *
 * A search that does not converge is no error; look at `status` and `residual`.
 *
 * @param f - A pure function with as many values as unknowns, in their structure.
 * @param x0 - A tree of float64, or of float32.
 * @throws ShapeError when f does not keep the shapes of x; RangeError or TypeError when an option makes no sense.
 * @throws MatrixError when the derivative is computed where df/dx is singular.
 * @see Dennis and Schnabel, *Numerical methods for unconstrained optimization and nonlinear equations*
 * (1983), chapter 6; Blondel et al., *Efficient and modular implicit differentiation* (2022).
 */
export function root<const X, const A = undefined>(
  f: (x: NoInfer<Traced<X>>, args: NoInfer<Traced<A>>) => NoInfer<Argument<Traced<X>>>,
  x0: X,
  args?: A,
  options: RootOptions = {},
): Solution<X> {
  return solutionOf(prepare(f, x0, args, options)());
}

/** The same, in slices between which other tasks have their turn; see `odeint.async`. */
root.async = async <const X, const A = undefined>(
  f: (x: NoInfer<Traced<X>>, args: NoInfer<Traced<A>>) => NoInfer<Argument<Traced<X>>>,
  x0: X,
  args?: A,
  { signal, onProgress, ...options }: RootOptions & AsyncOptions = {},
): Promise<Solution<X>> => {
  const how = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  return solutionOf(await prepare(f, x0, args, options).async([], how));
};

function prepare<X, A>(
  given: (x: Traced<X>, args: Traced<A>) => unknown,
  start: X,
  args: A | undefined,
  options: RootOptions,
) {
  const name = 'root';
  checkOptions(name, options, ['tol', 'maxIterations', 'bracket', 'adjoint']);
  const { f, x0, unravel } = vectorEquation(name, given, start, args);
  const { adjoint = 'implicit', bracket } = options;
  const { tol = x0.dtype === 'float32' ? 1e-5 : 1e-10, maxIterations = 100 } = options;
  checkChoice(name, 'adjoint', adjoint, ['implicit', 'unroll']);
  checkNumber(name, 'tol', tol, { least: 0 });
  checkCount(name, 'maxIterations', maxIterations);
  const limits = { tol, maxIterations };
  const ends = bracket?.map((end) => tensor(end).astype(x0.dtype));
  const [lo, hi, third] = ends ?? [];
  if (ends && !(lo && hi && !third && lo.size === 1 && hi.size === 1 && x0.size === 1)) {
    throw new ShapeError(
      `${name}: a bracket is two numbers, for one unknown; there are ${ends.length}, of shapes ${ends.map(({ shape }) => `[${shape.join(', ')}]`).join(', ')}, for ${x0.size} unknowns.`,
    );
  }
  return jit(() => {
    const found =
      lo && hi ? bracketed(f, x0, [lo.reshape([]), hi.reshape([])], limits) : newton(f, x0, limits);
    return treeOf(differentiated(found, adjoint, f), unravel);
  });
}
