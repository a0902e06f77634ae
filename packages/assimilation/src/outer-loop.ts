/**
 * Gauss-Newton and incremental 4D-Var. Near a control c the residuals are r + G d, with G the tangent linear
 * of model and observations, and the cost of an increment d is the quadratic |r + G d|² / 2. It is least where
 * G'G d = -G'r, which conjugate gradients solve with products alone: G by the tangent linear model, G' by its
 * adjoint. The inner loop is one compiled call; the outer one takes the increment, or the half, the quarter, ...
 * that makes the true cost fall, and linearizes anew. In the control variable v of x = xb + S v, G'G is the identity and a
 * positive semidefinite matrix of the rank of the observations, so that few inner iterations do.
 */

import { jit, linearize, linearTranspose, type Tensor, vjp } from '@grad/core';
import type { LbfgsIteration, LbfgsOptions, Minimum, MinimumStatus } from '@grad/optim';
import { cg } from '@grad/solve';
import type { ControlProblem } from './minimize-cost.ts';

interface OuterIteration extends LbfgsIteration<Tensor> {
  readonly innerIterations: number;
}

export interface OuterLoopOptions extends Omit<LbfgsOptions<Tensor>, 'onIteration'> {
  readonly method: 'gaussNewton' | 'incremental';
  readonly innerIterations?: number;
  readonly innerTolerance?: number;
  readonly onIteration: (at: OuterIteration) => void;
}

interface Point {
  readonly x: Tensor;
  readonly value: number;
  readonly gradient: Tensor;
  readonly gradientNorm: number;
}

/** Share of the expected fall of the cost that a step must bring. */
const sufficient = 1e-4;
/** Expected falls below this share of the cost are rounding; then the gradient decides. */
const rounding = 1e-12;
const mostHalvings = 30;

/**
 * Minimizes a cost by linearizing its residuals.
 *
 * @throws RangeError when an option makes no sense.
 * @see P. Courtier, J.-N. Thépaut and A. Hollingsworth, "A strategy for operational implementation of 4D-Var, using
 * an incremental approach", Q. J. R. Meteorol. Soc. 120 (1994) 1367; A. Lawless, S. Gratton and N. Nichols, ibid.
 * 131 (2005) 1627, on its being a truncated Gauss-Newton method.
 */
export async function outerLoop(
  caller: string,
  problem: ControlProblem,
  options: OuterLoopOptions,
): Promise<Minimum<Tensor> & { readonly innerIterations: number }> {
  const { method, signal, onIteration, onProgress } = options;
  const truncated = method === 'incremental';
  const {
    maxIterations = 50,
    gradientTolerance = 1e-8,
    innerIterations: mostInner = truncated ? 30 : 10 * problem.start.size,
    innerTolerance: tol = truncated ? 1e-2 : 1e-12,
  } = options;
  checkWhole(`${caller}: maxIterations`, maxIterations, 0);
  checkWhole(`${caller}: innerIterations`, mostInner, 1);
  if (!(gradientTolerance >= 0)) {
    throw new RangeError(
      `${caller}: gradientTolerance is ${gradientTolerance}; give a norm of 0 or more.`,
    );
  }
  if (!(tol > 0 && tol < 1)) {
    throw new RangeError(`${caller}: innerTolerance is ${tol}; give a share between 0 and 1.`);
  }

  const valueAndGradient = jit((x: Tensor) => {
    const [r, pull] = vjp(problem.residuals, x);
    const [gradient] = pull(r);
    return { value: r.square().sum().mul(0.5), gradient };
  });
  const increment = jit((x: Tensor, gradient: Tensor) => {
    const [, push] = linearize(problem.residuals, x);
    const pull = linearTranspose(push, x);
    const { x: step, iterations } = cg((d: Tensor) => pull(push(d))[0], gradient.neg(), {
      tol,
      maxIterations: mostInner,
    });
    return { step, iterations, slope: step.mul(gradient).sum() };
  });

  const calls = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  let [evaluations, innerIterations, iterations] = [0, 0, 0];
  const evaluate = async (x: Tensor): Promise<Point> => {
    const { value, gradient } = await valueAndGradient.async([x], calls);
    evaluations++;
    const gradientNorm = gradient.square().sum().sqrt().item();
    return { x, value: value.item(), gradient, gradientNorm };
  };
  let point: Point = {
    x: problem.start,
    value: Number.NaN,
    gradient: problem.start,
    gradientNorm: Number.NaN,
  };
  const report = (step: number): void =>
    onIteration({ iteration: iterations, evaluations, innerIterations, step, ...point });
  const end = (status: MinimumStatus, message: string) => {
    const { x, value, gradientNorm } = point;
    return { x, value, gradientNorm, iterations, innerIterations, evaluations, status, message };
  };

  /** A point that is better along the step. */
  const search = async (
    step: Tensor,
    slope: number,
  ): Promise<{ next: Point; part: number } | undefined> => {
    for (let halvings = 0, part = 1; halvings <= mostHalvings; halvings++, part /= 2) {
      const next = await evaluate(point.x.add(step.mul(part)));
      const drowned = Math.abs(part * slope) <= rounding * point.value;
      const better = drowned
        ? next.gradientNorm < point.gradientNorm
        : next.value <= point.value + sufficient * part * slope;
      if (better && Number.isFinite(next.gradientNorm)) return { next, part };
      if (drowned) return undefined;
    }
    return undefined;
  };

  try {
    signal?.throwIfAborted();
    point = await evaluate(problem.start);
    report(0);
    if (!Number.isFinite(point.value) || !Number.isFinite(point.gradientNorm)) {
      return end(
        'notFinite',
        `At the start the value is ${point.value} and the norm of the gradient ${point.gradientNorm}; start where both are finite.`,
      );
    }
    while (point.gradientNorm > gradientTolerance) {
      if (iterations === maxIterations) {
        return end(
          'maxIterations',
          `After ${iterations} outer iterations the norm of the gradient is ${point.gradientNorm}, above ${gradientTolerance}.`,
        );
      }
      signal?.throwIfAborted();
      const inner = await increment.async([point.x, point.gradient], calls);
      innerIterations += inner.iterations.item();
      const better = await search(inner.step, inner.slope.item());
      if (better === undefined) {
        return end(
          'lineSearchFailed',
          `No part of the increment makes the cost smaller, where the norm of the gradient is ${point.gradientNorm}. ` +
            'Either rounding allows no more, or the derivatives are not those of the model.',
        );
      }
      point = better.next;
      iterations++;
      report(better.part);
    }
    return end(
      'converged',
      `The norm of the gradient, ${point.gradientNorm}, is at most ${gradientTolerance}.`,
    );
  } catch (error) {
    if (signal?.aborted) return end('aborted', 'The signal was aborted.');
    throw error;
  }
}

function checkWhole(name: string, count: number, least: number): void {
  if (Number.isInteger(count) && count >= least) return;
  throw new RangeError(`${name} is ${count}; give a whole number of ${least} or more.`);
}
