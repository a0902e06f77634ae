import { Noise } from '../backends/reference/noise.ts';
import { checkOptions, checkTolerance } from '../tensor/check.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { jvp } from '../transforms/jvp.ts';
import type { Argument } from '../transforms/types.ts';
import {
  directionOf,
  type FlatFunction,
  flatProblem,
  GradientError,
  maxNorm,
  moved,
  type Numbers,
  numbersOf,
  tensorsOf,
} from './flat-function.ts';

/** Options of `taylorTest`. */
export interface TaylorOptions<T> {
  /** Direction of the steps, in the structure of x; random when left out. */
  readonly direction?: Argument<T>;
  /** The longest step; each further one is half as long. 2^-4 in float64, 2^-2 in float32. */
  readonly eps?: number;
  /** Seed of the random direction. */
  readonly seed?: number;
}

/** Remainders of Taylor polynomials, and how fast they vanish. */
export interface TaylorResult {
  /**
   * Observed powers of the step for the polynomials of degree 0, 1 and 2: about 1, 2 and 3 where
   * the derivatives are right. Infinity where the polynomial is exact to rounding.
   */
  readonly rates: readonly [number, number, number];
  /** Remainders of each degree, one for each step, the longest first. */
  readonly residuals: readonly [readonly number[], readonly number[], readonly number[]];
}

const steps = 8;

/**
 * Taylor test of the first two derivatives of f at x: the remainder of the polynomial of degree k
 * vanishes with power k + 1 of the step exactly when the derivatives up to k are right. f may
 * return a tree; remainders are measured by their largest element. Remainders that are no larger than
 * what rounding does to f are left out of the rates.
 *
 * @throws GradientError when f does not change along the direction, as the test could not fail.
 * @see Farrell, Ham, Funke and Rognes, Automated derivation of the adjoint of high-level transient
 *   finite element programs, SIAM Journal on Scientific Computing 35 (2013) C369-C393, section 5.
 */
export function taylorTest<T, R>(
  f: (x: T) => R,
  x: Argument<T>,
  options: TaylorOptions<T> = {},
): TaylorResult {
  checkOptions('taylorTest', options, ['direction', 'eps', 'seed']);
  const { direction, eps, seed = 1 } = options;
  if (eps !== undefined) checkTolerance('taylorTest', 'eps', eps);
  const problem = flatProblem('taylorTest', f, [x]);
  const { point, unit } = problem;
  const v = directionOf('taylorTest', direction, problem, new Noise(seed));
  const tangent = tensorsOf(v, point);
  const along =
    (g: FlatFunction): FlatFunction =>
    (...at) =>
      jvp<readonly Tensor[], readonly Tensor[]>(g, at, tangent)[1];
  const value = numbersOf(problem.values);
  const slope = numbersOf(along(problem.f)(...point));
  const curvature = numbersOf(along(along(problem.f))(...point));

  const first = eps ?? (unit > 2 ** -53 ? 2 ** -2 : 2 ** -4);
  const lengths = Array.from({ length: steps }, (_, i) => first / 2 ** i);
  const ahead = lengths.map((h) => numbersOf(problem.f(...moved(point, h, v))));
  const remainders = (terms: (h: number) => readonly (readonly [number, Numbers])[]): number[] =>
    lengths.map((h, i) => maxNorm(minus(ahead[i] ?? [], terms(h))));
  const residuals = [
    remainders(() => [[1, value]]),
    remainders((h) => [
      [1, value],
      [h, slope],
    ]),
    remainders((h) => [
      [1, value],
      [h, slope],
      [h ** 2 / 2, curvature],
    ]),
  ] as const;
  if (residuals[0].every((r) => r === 0)) {
    throw new GradientError(
      `taylorTest: f does not change along the direction, so the test could not fail. Does f depend on ${problem.inputs.join(', ')}?`,
    );
  }
  const floor = 256 * unit * Math.max(maxNorm(value), maxNorm(slope) * first);
  const rate = (residual: readonly number[]): number => lastRate(residual, floor);
  return { rates: [rate(residuals[0]), rate(residuals[1]), rate(residuals[2])], residuals };
}

/** `a - sum of factor * b`. */
function minus(a: Numbers, terms: readonly (readonly [number, Numbers])[]): Numbers {
  return a.map((x, i) =>
    x.map((value, k) =>
      terms.reduce((rest, [factor, b]) => rest - factor * (b[i]?.[k] ?? Number.NaN), value),
    ),
  );
}

/** log2 of the quotient of the two smallest successive residuals that stand above rounding. */
function lastRate(residuals: readonly number[], floor: number): number {
  let rate = Number.POSITIVE_INFINITY;
  residuals.forEach((residual, i) => {
    const before = residuals[i - 1];
    if (before !== undefined && !(residual <= floor)) rate = Math.log2(before / residual);
  });
  return rate;
}
