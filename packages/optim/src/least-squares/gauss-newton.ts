import { MatrixError, type Traced } from '@grad/core';
import { axpy, dot } from '../vectors.ts';
import {
  type Iterate,
  type LeastSquares,
  type LeastSquaresOptions,
  leastSquares,
  relativeStep,
  type Surroundings,
} from './least-squares.ts';

/**
 * Minimizes half the sum of squares of residuals by the method of Gauss and Newton: each step solves the
 * linear least-squares problem, and is halved until the sum falls enough. One step is the solution where residuals are
 * linear. Where the Jacobian may lose rank, or the start is poor, use `levenbergMarquardt`.
 *
 * @param residuals function of tensors in the structure of `x0`; its result is a tensor or a tree of them
 * @param x0 tensors and numbers in arrays and objects, float64
 * @throws TypeError when x0 is not float64; RangeError when an option makes no sense.
 * @see J. Nocedal and S. Wright, Numerical Optimization (2006), section 10.3.
 */
export async function gaussNewton<const X>(
  residuals: (x: Traced<X>) => unknown,
  x0: X,
  options: LeastSquaresOptions<X> = {},
): Promise<LeastSquares<X>> {
  return leastSquares('gaussNewton', residuals, x0, options, undamped);
}

function undamped<X>({ model, signal, valueAt, stepTolerance }: Surroundings<X>): Iterate {
  return async (point) => {
    const used = point.columns.map((column) => column || 1);
    let full: Float64Array;
    try {
      full = (await model.step(point, { scales: used, damping: 0 }, signal)).step;
    } catch (error) {
      if (!(error instanceof MatrixError)) throw error;
      return {
        kind: 'singular',
        message: `The Jacobian does not have full rank, so that there is no Gauss-Newton step: ${error.message} levenbergMarquardt needs no full rank.`,
      };
    }
    const slope = dot(point.gradient, full);
    for (let part = 1; part > 1e-12; part /= 2) {
      const x = axpy(point.x, part, full);
      const value = await valueAt(x);
      const size = relativeStep(full, point.x, used) * part;
      if (value < point.value && value <= point.value + 1e-4 * part * slope) {
        return { kind: 'moved', x, size };
      }
      if (size <= Math.max(stepTolerance, 4 * Number.EPSILON)) return { kind: 'still' };
    }
    return {
      kind: 'noDecrease',
      message: `No part of the step makes the sum of squares smaller, along which its slope is ${slope}.`,
    };
  };
}
