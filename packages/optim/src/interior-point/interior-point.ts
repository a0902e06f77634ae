/**
 * A primal-dual interior-point method with exact second derivatives. Inequalities get slacks, bounds of
 * variables and slacks a logarithmic barrier whose weight falls towards 0; each step is Newton's for the
 * conditions of Karush, Kuhn and Tucker, with a multiple of the identity added to the Hessian until it is
 * one of descent, and a filter line search with a second-order correction.
 *
 * A. Wächter and L. Biegler, On the implementation of an interior-point filter line-search algorithm for
 * large-scale nonlinear programming, Math. Program. 106 (2006) 25.
 */

import { areFinite, axpy, dot, infinityNorm, joined, oneNorm } from '../vectors.ts';
import { Barrier, longestPositive } from './barrier.ts';
import { Filter, type Merits } from './filter.ts';
import { eachEntry, KktSystem } from './kkt-system.ts';
import type { Derivatives, NonlinearProgram, Values } from './nonlinear-program.ts';

/** A point of an interior-point method, in the units of the problem. */
export interface InteriorPoint {
  readonly x: Float64Array;
  readonly f: number;
  /** Values of the constraints. */
  readonly c: Float64Array;
  /** One for each constraint: the gradient of f plus theirs times these minus those of bounds is 0. */
  readonly multipliers: Float64Array;
  readonly lowerMultipliers: Float64Array;
  readonly upperMultipliers: Float64Array;
  /** The largest error in the conditions of Karush, Kuhn and Tucker, scaled. */
  readonly error: number;
}

export interface InteriorSettings {
  readonly tolerance: number;
  /** Iterations that are left. */
  readonly maxIterations: number;
  readonly signal: AbortSignal | undefined;
  readonly onIteration: (point: InteriorPoint) => Promise<void>;
}

export interface InteriorEnd extends InteriorPoint {
  readonly kind: 'converged' | 'maxIterations' | 'stuck' | 'unbounded' | 'notFinite';
}

/** Iterations in which violations have to fall by a tenth. */
const patience = 25;

/** Minimizes from the start of the program. */
export async function interiorPoint(
  program: NonlinearProgram,
  { tolerance, maxIterations, signal, onIteration }: InteriorSettings,
): Promise<InteriorEnd> {
  const { equalities, inequalities, start } = program;
  const n = start.length;
  const m = equalities + inequalities;
  const slacksOf = (value: number): Float64Array => new Float64Array(inequalities).fill(value);
  const barrier = new Barrier(
    joined(program.lower, slacksOf(0)),
    joined(program.upper, slacksOf(Infinity)),
  );
  const system = new KktSystem(n, equalities, inequalities);
  const noMultipliers = new Float64Array(m);

  // Scales of objective and constraints, from the gradients where it starts.
  let x = barrier.inside(joined(start, slacksOf(-Infinity))).slice(0, n);
  const first = await program.derivatives(x, noMultipliers, 1, signal);
  const fScale = Math.min(1, 100 / Math.max(infinityNorm(first.gradient), 1e-8));
  const scales = rowScales(first, m);

  const residualsOf = (z: Float64Array, c: Float64Array): Float64Array =>
    c.map(
      (value, i) => value * (scales[i] ?? 1) - (i < equalities ? 0 : (z[n + i - equalities] ?? 0)),
    );
  const initial = await program.values(x, signal);
  const pointOf = (z: Float64Array, { f, c }: Values) => ({
    f: f * fScale,
    c,
    residuals: residualsOf(z, c),
  });
  const at = async (z: Float64Array) => pointOf(z, await program.values(z.slice(0, n), signal));
  const slacks = initial.c
    .slice(equalities)
    .map((value, i) => value * (scales[equalities + i] ?? 1));
  let z = barrier.inside(joined(x, slacks));
  // x is inside already, and stays where it is.
  let point = pointOf(z, initial);
  let mu = 0.1;
  let y = new Float64Array(m);
  let zLower = z.map((_, i) => ((barrier.lower[i] ?? 0) > -Infinity ? 1 : 0));
  let zUpper = z.map((_, i) => ((barrier.upper[i] ?? 0) < Infinity ? 1 : 0));
  let lastShift = 0;
  const filter = new Filter(oneNorm(point.residuals));
  let leastViolation = Number.POSITIVE_INFINITY;
  let since = 0;
  const startValue = Math.abs(point.f);

  const derivatives = (): Promise<Derivatives> =>
    program.derivatives(
      z.slice(0, n),
      y.map((value, i) => value * (scales[i] ?? 1)),
      fScale,
      signal,
    );
  let local = first;
  let slope = dualResidual();
  y = leastSquaresMultipliers();

  for (let iteration = 0; ; iteration++) {
    x = z.slice(0, n);
    local = await derivatives();
    slope = dualResidual();
    const here = result(errorOf(0));
    await onIteration(here);
    const isSound = Number.isFinite(point.f) && areFinite(point.c) && areFinite(local.gradient);
    if (!isSound) return { ...here, kind: 'notFinite' };
    if (here.error <= tolerance) return { ...here, kind: 'converged' };
    if (point.f < -1e15 * (1 + startValue) || infinityNorm(x) > 1e20) {
      return { ...here, kind: 'unbounded' };
    }
    if (iteration === maxIterations) return { ...here, kind: 'maxIterations' };
    while (mu > tolerance / 11 && errorOf(mu) <= 10 * mu) {
      mu = Math.max(tolerance / 11, Math.min(0.2 * mu, mu ** 1.5));
      filter.clear();
    }
    const violation = oneNorm(point.residuals);
    if (violation < 0.9 * leastViolation || violation <= tolerance) {
      leastViolation = violation;
      since = iteration;
    }
    const isSlow = iteration - since >= patience;
    if (isSlow || !(await advance())) return { ...result(errorOf(0)), kind: 'stuck' };
  }

  /** The gradient of the Lagrangian in x and slacks, without or with bounds. */
  function dualResidual(): Float64Array {
    const rest = new Float64Array(z.length);
    const { gradient, jacobian } = local;
    for (let i = 0; i < n; i++) rest[i] = (gradient[i] ?? 0) * fScale;
    if (jacobian) {
      eachEntry(jacobian, (row, column, value) => {
        rest[column] = (rest[column] ?? 0) + value * (scales[row] ?? 1) * (y[row] ?? 0);
      });
    }
    for (let i = 0; i < inequalities; i++) rest[n + i] = -(y[equalities + i] ?? 0);
    return rest;
  }

  function errorOf(weight: number): number {
    const { lower, upper } = barrier;
    let dual = 0;
    let complementarity = 0;
    for (let i = 0; i < z.length; i++) {
      const value = z[i] ?? 0;
      const below = zLower[i] ?? 0;
      const above = zUpper[i] ?? 0;
      const low = lower[i] ?? -Infinity;
      const high = upper[i] ?? Infinity;
      dual = Math.max(dual, Math.abs((slope[i] ?? 0) - below + above));
      if (low > -Infinity) {
        complementarity = Math.max(complementarity, Math.abs((value - low) * below - weight));
      }
      if (high < Infinity) {
        complementarity = Math.max(complementarity, Math.abs((high - value) * above - weight));
      }
    }
    const sizeOfBounds = oneNorm(zLower) + oneNorm(zUpper);
    const dualScale = Math.max(100, (oneNorm(y) + sizeOfBounds) / (m + 2 * z.length)) / 100;
    const boundScale = Math.max(100, sizeOfBounds / (2 * z.length)) / 100;
    return Math.max(dual / dualScale, infinityNorm(point.residuals), complementarity / boundScale);
  }

  /** Multipliers that make the gradient of the Lagrangian small; zeros where that asks for large ones. */
  function leastSquaresMultipliers(): Float64Array<ArrayBuffer> {
    const zero = new Float64Array(m);
    if (m === 0) return zero;
    const flat = { ...local, hessian: { ...local.hessian, data: local.hessian.data.map(() => 0) } };
    if (
      !system.factorize(
        flat,
        scales,
        z.map(() => 1),
        0,
      )
    )
      return zero;
    const rest = slope.map((g, i) => -g + (zLower[i] ?? 0) - (zUpper[i] ?? 0));
    const found = system.solve(joined(rest, zero)).slice(z.length);
    return infinityNorm(found) <= 1e3 ? found : zero;
  }

  /** The curvature of the barrier. */
  function diagonal(): Float64Array {
    const { lower, upper } = barrier;
    const curvature = new Float64Array(z.length);
    for (let i = 0; i < z.length; i++) {
      const value = z[i] ?? 0;
      const low = lower[i] ?? -Infinity;
      const high = upper[i] ?? Infinity;
      const below = low > -Infinity ? (zLower[i] ?? 0) / (value - low) : 0;
      const above = high < Infinity ? (zUpper[i] ?? 0) / (high - value) : 0;
      curvature[i] = below + above;
    }
    return curvature;
  }

  /** Factorizes with the least shift, of those tried, that gives the right signs. */
  function factorize(bounds: Float64Array): boolean {
    if (system.factorize(local, scales, bounds, 0)) return true;
    let next = lastShift === 0 ? 1e-4 : Math.max(1e-20, lastShift / 3);
    while (next < 1e40) {
      if (system.factorize(local, scales, bounds, next)) {
        lastShift = next;
        return true;
      }
      next *= lastShift === 0 ? 100 : 8;
    }
    return false;
  }

  /** One step; whether there was one. */
  async function advance(): Promise<boolean> {
    const bounds = diagonal();
    if (!factorize(bounds)) return false;
    const { lower, upper } = barrier;
    const barrierGradient = new Float64Array(z.length);
    // Minus the gradient of f and barrier with the multipliers, and minus the residuals.
    const right = new Float64Array(z.length + m);
    for (let i = 0; i < z.length; i++) {
      const value = z[i] ?? 0;
      const low = lower[i] ?? -Infinity;
      const high = upper[i] ?? Infinity;
      const own =
        (low > -Infinity ? -mu / (value - low) : 0) + (high < Infinity ? mu / (high - value) : 0);
      barrierGradient[i] = own;
      right[i] = -(slope[i] ?? 0) - own;
    }
    const solve = (residuals: Float64Array): Float64Array => {
      for (let i = 0; i < m; i++) right[z.length + i] = -(residuals[i] ?? 0);
      return system.solve(right);
    };
    const solution = solve(point.residuals);
    const step = solution.slice(0, z.length);
    const dy = solution.slice(z.length);
    if (!areFinite(solution)) return false;

    const violation = oneNorm(point.residuals);
    let descent = 0;
    for (let i = 0; i < n; i++) descent += (local.gradient[i] ?? 0) * fScale * (step[i] ?? 0);
    descent += dot(barrierGradient, step);
    const meritsOf = (where: Float64Array, reached: typeof point): Merits => ({
      violation: oneNorm(reached.residuals),
      value: reached.f + mu * barrier.value(where),
    });
    const before = meritsOf(z, point);
    const tau = Math.max(0.99, 1 - mu);
    const longest = barrier.longest(z, step, tau);
    const isGood = (where: Float64Array, reached: typeof point, part: number): boolean =>
      filter.accepts(before, meritsOf(where, reached), part, descent);

    for (let part = longest, trial = 0; part > 1e-14; part /= 2, trial++) {
      const next = axpy(z, part, step);
      const there = await at(next);
      if (isGood(next, there, part)) return move(next, there, part, step, dy, tau);
      if (trial === 0 && m > 0 && oneNorm(there.residuals) >= violation * (1 - part)) {
        const corrected = solve(axpy(there.residuals, part, point.residuals));
        const bent = corrected.slice(0, z.length);
        const length = barrier.longest(z, bent, tau);
        const target = axpy(z, length, bent);
        const reached = await at(target);
        if (isGood(target, reached, part)) {
          return move(target, reached, length, bent, corrected.slice(z.length), tau);
        }
      }
    }
    return false;
  }

  function move(
    next: Float64Array,
    there: typeof point,
    part: number,
    step: Float64Array,
    dy: Float64Array,
    tau: number,
  ): true {
    const { lower, upper } = barrier;
    const [dLower, dUpper] = [new Float64Array(z.length), new Float64Array(z.length)];
    for (let i = 0; i < z.length; i++) {
      const value = z[i] ?? 0;
      const d = step[i] ?? 0;
      const below = zLower[i] ?? 0;
      const above = zUpper[i] ?? 0;
      const down = value - (lower[i] ?? 0);
      const up = (upper[i] ?? 0) - value;
      if (below !== 0) dLower[i] = mu / down - below - (below / down) * d;
      if (above !== 0) dUpper[i] = mu / up - above + (above / up) * d;
    }
    const dual = Math.min(
      longestPositive(zLower, dLower, tau),
      longestPositive(zUpper, dUpper, tau),
    );
    z = next.slice();
    point = there;
    y = axpy(y, part, dy);
    // Not far from mu / distance, so that the system stays that of a barrier.
    const held = (value: number, distance: number): number =>
      Math.min(Math.max(value, mu / (1e10 * distance)), (1e10 * mu) / distance);
    zLower = axpy(zLower, dual, dLower);
    zUpper = axpy(zUpper, dual, dUpper);
    for (let i = 0; i < z.length; i++) {
      const value = z[i] ?? 0;
      const below = zLower[i] ?? 0;
      const above = zUpper[i] ?? 0;
      if (below !== 0) zLower[i] = held(below, value - (lower[i] ?? 0));
      if (above !== 0) zUpper[i] = held(above, (upper[i] ?? 0) - value);
    }
    return true;
  }

  /** Where it stands; vectors are made when they are asked for. */
  function result(error: number): InteriorPoint {
    const now = { x, y, zLower, zUpper };
    const own = (v: Float64Array): Float64Array => v.slice(0, n).map((value) => value / fScale);
    return {
      get x() {
        return now.x.map((value, i) =>
          Math.min(Math.max(value, program.lower[i] ?? -Infinity), program.upper[i] ?? Infinity),
        );
      },
      f: point.f / fScale,
      c: point.c,
      get multipliers() {
        return now.y.map((value, i) => (value * (scales[i] ?? 1)) / fScale);
      },
      get lowerMultipliers() {
        return own(now.zLower);
      },
      get upperMultipliers() {
        return own(now.zUpper);
      },
      error,
    };
  }
}

/** Factors that bring the largest derivative of each constraint to at most 100. */
function rowScales({ jacobian }: Derivatives, m: number): Float64Array {
  const largest = new Float64Array(m);
  if (jacobian) {
    eachEntry(jacobian, (row, _, value) => {
      largest[row] = Math.max(largest[row] ?? 0, Math.abs(value));
    });
  }
  return largest.map((value) => Math.min(1, 100 / Math.max(value, 1e-8)));
}
