/**
 * A step along a direction that satisfies the strong Wolfe conditions: enough decrease, and a slope
 * much flatter than at the start (J. Nocedal and S. Wright, Numerical Optimization, 2006, chapter
 * 3). An interval whose lower end descends, with enough decrease, and whose upper end does not,
 * contains such a step; it is shrunk by the minimizer of the cubic through both ends (J. Moré and
 * D. Thuente, ACM TOMS 20 (1994) 286), and by halves when that is slow (A. Lewis and M. Overton,
 * Math. Program. 141 (2013) 135). Values that are not finite count as no decrease.
 *
 * Near a minimum differences of values drown in rounding while slopes are still exact. There the
 * decrease is judged from the slopes: the approximate Wolfe condition of W. Hager and H. Zhang,
 * SIAM J. Optim. 16 (2005) 170.
 */

import type { Point } from './objective.ts';
import { axpy, dot } from './vectors.ts';

const sufficientDecrease = 1e-4;
const flatness = 0.9;
/** Differences below this fraction of the value are taken for rounding. */
const roundingLevel = 1e-10;
const maxTrials = 60;

/** A point at a step along the direction. */
export interface Trial extends Point {
  readonly step: number;
  readonly slope: number;
}

/** How a search ended, and the best point with enough decrease: the start when there is none. */
export interface LineSearchResult {
  readonly kind: 'found' | 'aborted' | 'failed' | 'unbounded';
  readonly best: Trial;
}

/**
 * Searches from `start` along a direction of descent, first at `firstStep`. After too many trials
 * the best step with enough decrease is taken, whatever its slope. `evaluate` gives nothing when the
 * search is to end.
 */
export async function lineSearch(
  evaluate: (x: Float64Array) => Promise<Point | undefined>,
  start: Point,
  direction: Float64Array,
  firstStep: number,
): Promise<LineSearchResult> {
  const slope = dot(start.gradient, direction);
  const origin: Trial = { ...start, step: 0, slope };
  const lowest = (): Trial => (lower.value < start.value ? lower : origin);
  let lower = origin;
  let upper: Trial | undefined;
  let step = firstStep;
  let width = Number.POSITIVE_INFINITY;
  for (let trials = 0; trials < maxTrials; trials++) {
    const point = await evaluate(axpy(start.x, step, direction));
    if (point === undefined) return { kind: 'aborted', best: lowest() };
    const trial: Trial = { ...point, step, slope: dot(point.gradient, direction) };
    const descended = isFinitePoint(trial) && decreases(trial, start.value, slope);
    if (descended && Math.abs(trial.slope) <= -flatness * slope) {
      return { kind: 'found', best: trial };
    }
    if (descended && trial.slope < 0) lower = trial;
    else upper = trial;

    if (trial.value === Number.NEGATIVE_INFINITY) return { kind: 'unbounded', best: lowest() };
    if (upper === undefined) {
      step = 3 * lower.step;
    } else {
      const shrunk = upper.step - lower.step;
      const next =
        shrunk > 0.66 * width && isFinitePoint(upper)
          ? (lower.step + upper.step) / 2
          : interpolate(lower, upper, Math.abs(roundingLevel * start.value));
      if (next <= lower.step || next >= upper.step) break;
      step = next;
      width = shrunk;
    }
  }
  if (upper === undefined) return { kind: 'unbounded', best: lowest() };
  return { kind: lowest() === origin ? 'failed' : 'found', best: lowest() };
}

function isFinitePoint({ value, slope }: Trial): boolean {
  return Number.isFinite(value) && Number.isFinite(slope);
}

function decreases({ value, slope, step }: Trial, startValue: number, startSlope: number): boolean {
  if (value <= startValue + sufficientDecrease * step * startSlope) return true;
  return (
    Math.abs(value - startValue) <= roundingLevel * Math.abs(startValue) &&
    slope <= (2 * sufficientDecrease - 1) * startSlope
  );
}

/** A step inside the interval: the cubic's minimizer, held off the ends. */
function interpolate(lower: Trial, upper: Trial, rounding: number): number {
  const width = upper.step - lower.step;
  if (!isFinitePoint(upper)) return lower.step + width / 10;
  const difference = upper.value - lower.value;
  const mean = lower.slope + upper.slope - (3 * difference) / width;
  const root = Math.sqrt(mean * mean - lower.slope * upper.slope);
  const cubic = (upper.slope + root - mean) / (upper.slope - lower.slope + 2 * root);
  const secant = upper.slope / (upper.slope - lower.slope);
  const fromUpper = Math.abs(difference) <= rounding || !Number.isFinite(cubic) ? secant : cubic;
  const fraction = Number.isFinite(fromUpper) ? 1 - fromUpper : 0.5;
  return lower.step + width * Math.min(0.9, Math.max(0.1, fraction));
}
