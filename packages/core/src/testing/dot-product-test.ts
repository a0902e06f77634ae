import { Noise } from '../backends/reference/noise.ts';
import { checkOptions } from '../tensor/check.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { jvp } from '../transforms/jvp.ts';
import type { Argument } from '../transforms/types.ts';
import { vjp } from '../transforms/vjp.ts';
import {
  allZero,
  directionOf,
  flatProblem,
  GradientError,
  innerProduct,
  numbersOf,
  randomLike,
  tensorsOf,
} from './flat-function.ts';

/** The two sides of the dot-product test. */
export interface DotProduct {
  /** Product of w with the forward derivative along v: (w, J v). */
  readonly forward: number;
  /** Product of the pulled-back w with v: (J' w, v). */
  readonly reverse: number;
  /** Their difference in relation to the larger one. */
  readonly relativeError: number;
}

/**
 * Whether reverse mode is the transpose of forward mode at x: for a random cotangent w and a
 * direction v, (w, J v) and (J' w, v) are the same number. x is a tree; integers and bools in it
 * are held fixed.
 *
 * @throws GradientError when both derivatives are zero everywhere, as the test could not fail.
 * @see Claerbout, Earth Soundings Analysis: Processing versus Inversion (1992), chapter 5.
 */
export function dotProductTest<T, R>(
  f: (x: T) => R,
  x: Argument<T>,
  options: { readonly direction?: Argument<T>; readonly seed?: number } = {},
): DotProduct {
  checkOptions('dotProductTest', options, ['direction', 'seed']);
  const { direction, seed = 1 } = options;
  const problem = flatProblem('dotProductTest', f, [x]);
  const noise = new Noise(seed);
  const v = directionOf('dotProductTest', direction, problem, noise);
  const w = randomLike(problem.values, noise);
  const [, moved] = jvp<readonly Tensor[], readonly Tensor[]>(
    problem.f,
    problem.point,
    tensorsOf(v, problem.point),
  );
  const [, pullback] = vjp<readonly Tensor[], readonly Tensor[]>(problem.f, ...problem.point);
  const tangents = numbersOf(moved);
  const cotangents = numbersOf(pullback(tensorsOf(w, problem.values)));
  if (allZero(tangents) && allZero(cotangents)) {
    throw new GradientError(
      `dotProductTest: both derivatives are zero everywhere, so the test could not fail. Does f depend on ${problem.inputs.join(', ')}?`,
    );
  }
  const forward = innerProduct(w, tangents);
  const reverse = innerProduct(cotangents, v);
  const size = Math.max(Math.abs(forward), Math.abs(reverse));
  return { forward, reverse, relativeError: Math.abs(forward - reverse) / size };
}
