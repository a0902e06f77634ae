import { zeros } from '../../functions/create.ts';
import { add, div, gt, le, logicalAnd, lt, mul, sub, where } from '../../functions/elementwise.ts';
import { dot } from '../../functions/matmul.ts';
import { tensor } from '../../functions/tensor.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { whileLoop } from '../while-loop.ts';
import type { KrylovLimits } from './krylov-options.ts';
import { type Apply, norm, relative, type SolveReport } from './solution.ts';

/**
 * Conjugate gradients for a symmetric positive definite matrix. It ends without success where a
 * direction shows that the matrix or the preconditioner is not positive definite.
 *
 * Hestenes and Stiefel, Methods of Conjugate Gradients for Solving Linear Systems (1952).
 */
export function conjugateGradient(
  apply: Apply,
  precondition: Apply,
  b: Tensor,
  { tolerance, maxIterations }: KrylovLimits,
): [Tensor, SolveReport] {
  const size = norm(b);
  const goal = mul(size, tolerance);
  const z = precondition(b);
  const slope = dot(b, z);
  const state = whileLoop(
    ({ error, steps, positive }) =>
      logicalAnd(logicalAnd(gt(error, goal), positive), lt(steps, maxIterations)),
    (at) => {
      const image = apply(at.direction);
      const curvature = dot(at.direction, image);
      const positive = logicalAnd(gt(curvature, 0), gt(at.slope, 0));
      const step = where(positive, div(at.slope, where(positive, curvature, 1)), 0);
      const x = add(at.x, mul(step, at.direction));
      const rest = sub(at.rest, mul(step, image));
      const towards = precondition(rest);
      const next = dot(rest, towards);
      const ratio = where(positive, div(next, where(positive, at.slope, 1)), 0);
      return {
        x,
        rest,
        direction: add(towards, mul(ratio, at.direction)),
        slope: next,
        error: norm(rest),
        positive,
        steps: add(at.steps, 1),
      };
    },
    {
      x: zeros(b.shape, { dtype: b.dtype }),
      rest: b,
      direction: z,
      slope,
      error: size,
      positive: tensor(true),
      steps: tensor(0, { dtype: 'int32' }),
    },
  );
  return [state.x, reportOf(apply, state.x, b, { tolerance, steps: state.steps })];
}

/** A report by the residual as it is, which iterations only follow up to rounding. */
export function reportOf(
  apply: Apply,
  x: Tensor,
  b: Tensor,
  { tolerance, steps }: { readonly tolerance: number; readonly steps: Tensor },
): SolveReport {
  const residual = relative(norm(sub(b, apply(x))), norm(b));
  return { converged: le(residual, 2 * tolerance), iterations: steps, residual };
}
