import { MatrixError, type Traced } from '@grad/core';
import { axpy } from '../vectors.ts';
import {
  type Iterate,
  type LeastSquares,
  type LeastSquaresOptions,
  leastSquares,
  relativeStep,
  type Surroundings,
  slopeOf,
} from './least-squares.ts';
import type { LinearStep } from './residual-model.ts';

/** Trials of one iteration, after which rounding is what keeps the sum from falling. */
const maxTrials = 60;
const leastDamping = 1e-20;
/** Steps that are judged by their slopes alone, at most. */
const mostPolishing = 20;
/** Differences below this fraction of the sum of squares are taken for rounding. */
const roundingLevel = 1e-12;

/**
 * Minimizes half the sum of squares of residuals by the method of Levenberg and Marquardt: each step is
 * that of least |J p + r|² + lambda |D p|², with D the largest norms of columns of J so far, so that units
 * of unknowns do not matter. The damping lambda follows the ratio of the decrease to what linear residuals
 * promised. The linear problems are solved by QR, not by normal equations, so that fits are as accurate as
 * the data; with `solver: 'cg'` by conjugate gradients.
 *
 * Where residuals are NaN or infinite on the way, the step is made shorter.
 *
 * @param residuals function of tensors in the structure of `x0`; its result is a tensor or a tree of them
 * @param x0 tensors and numbers in arrays and objects, float64
 * @throws TypeError when x0 is not float64; RangeError when an option makes no sense.
 * @see J. Moré, The Levenberg-Marquardt algorithm: implementation and theory (1978), on the scaling; H. B.
 * Nielsen, Damping parameter in Marquardt's method (1999), on lambda.
 */
export async function levenbergMarquardt<const X>(
  residuals: (x: Traced<X>) => unknown,
  x0: X,
  options: LeastSquaresOptions<X> = {},
): Promise<LeastSquares<X>> {
  return leastSquares('levenbergMarquardt', residuals, x0, options, damped);
}

function damped<X>({ model, signal, valueAt, stepTolerance }: Surroundings<X>): Iterate {
  let lambda = 1;
  let growth = 2;
  let polished = 0;
  let scales = model.start.map(() => 0);
  return async (point) => {
    scales = scales.map((scale, j) => Math.max(scale, point.columns[j] ?? 0));
    const used = scales.map((scale) => scale || 1);
    for (let trials = 0; trials < maxTrials; trials++) {
      const damping = Math.sqrt(lambda);
      const linear = await unlessSingular(model.step(point, { scales: used, damping }, signal));
      if (linear === undefined) {
        lambda = Math.max(lambda * 10, 1e-14);
        continue;
      }
      const { step, square } = linear;
      const x = axpy(point.x, 1, step);
      const penalty = step.reduce((sum, p, j) => sum + (p * damping * (used[j] ?? 0)) ** 2, 0);
      const promised = square / 2 + penalty;
      const decrease = point.value - (await valueAt(x));
      const gain = decrease / promised;
      if (
        promised <= roundingLevel * point.value &&
        Math.abs(decrease) <= roundingLevel * point.value
      ) {
        // Decreases drown in rounding while slopes are still exact.
        const next = await model.at(x, signal);
        if (polished === mostPolishing || !(slopeOf(next) < slopeOf(point))) {
          if (lambda < 1e-10) return { kind: 'still' };
          lambda /= 100;
          continue;
        }
        lambda = Math.max(lambda / 10, leastDamping);
        polished++;
        return { kind: 'moved', x, size: relativeStep(step, point.x, used) };
      }
      if (gain > 0) {
        lambda = Math.max(lambda * Math.max(1 / 3, 1 - (2 * gain - 1) ** 3), leastDamping);
        growth = 2;
        return { kind: 'moved', x, size: relativeStep(step, point.x, used) };
      }
      if (relativeStep(step, point.x, used) <= Math.max(stepTolerance, Number.EPSILON)) break;
      lambda *= growth;
      growth *= 2;
    }
    return { kind: 'still' };
  };
}

/** A step, or none where the damping is too small for a Jacobian without full rank. */
async function unlessSingular(step: Promise<LinearStep>): Promise<LinearStep | undefined> {
  try {
    return await step;
  } catch (error) {
    if (error instanceof MatrixError) return undefined;
    throw error;
  }
}
