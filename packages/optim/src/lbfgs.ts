import type { Progress, Tensor, Traced } from '@grad/core';
import { createPause } from './event-loop.ts';
import { InverseHessian } from './inverse-hessian.ts';
import { type LineSearchResult, lineSearch } from './line-search.ts';
import { type Objective, objectiveOf, type Point } from './objective.ts';
import { axpy, norm } from './vectors.ts';

/** Where a minimization stands after an iteration; iteration 0 is the start. */
export interface LbfgsIteration<X> {
  readonly iteration: number;
  readonly value: number;
  /** Euclidean norm of the gradient. */
  readonly gradientNorm: number;
  /** Evaluations of value and gradient so far. */
  readonly evaluations: number;
  /** Multiple of the quasi-Newton direction that was taken; 0 at the start. */
  readonly step: number;
  /** The point, made when it is asked for. */
  readonly x: Traced<X>;
}

/** Options of `lbfgs`. */
export interface LbfgsOptions<X> {
  /** How many steps the approximation of the Hessian remembers; 10 when left out. */
  readonly memory?: number;
  /** 1000 when left out. */
  readonly maxIterations?: number;
  /** The Euclidean norm of the gradient to stop at; 1e-8 when left out. */
  readonly gradientTolerance?: number;
  /**
   * Stops the minimization with the status `'aborted'`, in the middle of an evaluation if need be;
   * the best point so far is kept. Before the first evaluation has ended its value is NaN.
   */
  readonly signal?: AbortSignal | undefined;
  /** Called at the start and after each iteration. */
  readonly onIteration?: ((iteration: LbfgsIteration<X>) => void) | undefined;
  /** Called every 12 ms or so while value and gradient are computed, where that takes long. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/**
 * Why a minimization stopped:
 * - `converged`: the gradient is as small as was asked for;
 * - `maxIterations`: the iterations are used up;
 * - `stalled`: rounding lets neither value nor gradient fall any more, and the gradient is larger than was
 *   asked for;
 * - `lineSearchFailed`: no lower value can be found along a direction of descent;
 * - `unbounded`: the value falls without end;
 * - `notFinite`: value or gradient at the start is NaN or infinite;
 * - `aborted`: the signal was aborted.
 */
export type MinimumStatus =
  | 'converged'
  | 'maxIterations'
  | 'stalled'
  | 'lineSearchFailed'
  | 'unbounded'
  | 'notFinite'
  | 'aborted';

/** The end of a minimization. */
export interface Minimum<X> {
  /** The best point, in the structure of the start. */
  readonly x: Traced<X>;
  readonly value: number;
  /** Euclidean norm of the gradient at x. */
  readonly gradientNorm: number;
  readonly iterations: number;
  /** Evaluations of value and gradient. */
  readonly evaluations: number;
  readonly status: MinimumStatus;
  /** The status in words, with the numbers that led to it. */
  readonly message: string;
}

/**
 * Minimizes a smooth scalar function of a tree by L-BFGS with a line search for the strong Wolfe
 * conditions. Value and gradient are compiled once, as one function of all elements; f must be pure.
 *
 * The minimization gives way to timers and events every 16 ms, also while a value is computed, so
 * that progress shows and `signal` works. Where f is NaN or infinite the line search goes back.
 *
 * @param f scalar function of tensors in the structure of `x0`
 * @param x0 tensors and numbers in arrays and objects, float64
 * @throws TypeError when x0 is not float64; RangeError when an option makes no sense.
 * @see D. Liu and J. Nocedal, "On the limited memory BFGS method for large scale optimization",
 * Math. Program. 45 (1989) 503.
 */
export async function lbfgs<const X>(
  f: (x: Traced<X>) => Tensor,
  x0: X,
  options: LbfgsOptions<X> = {},
): Promise<Minimum<X>> {
  return lbfgsFrom(objectiveOf('lbfgs', f, x0), options);
}

/** The same for an objective that is compiled. */
export async function lbfgsFrom<X>(
  objective: Objective<X>,
  options: LbfgsOptions<X>,
): Promise<Minimum<X>> {
  const { memory = 10, maxIterations = 1000, gradientTolerance = 1e-8 } = options;
  const { signal, onIteration, onProgress } = options;
  checkCount('memory', memory, 1);
  checkCount('maxIterations', maxIterations, 0);
  if (!(gradientTolerance >= 0)) {
    throw new RangeError(
      `lbfgs: gradientTolerance is ${gradientTolerance}; give a norm of 0 or more.`,
    );
  }
  const pause = createPause();
  let evaluations = 0;
  const isAborted = (): boolean => signal?.aborted === true;
  const evaluate = async (x: Float64Array): Promise<Point | undefined> => {
    await pause();
    if (isAborted()) return undefined;
    try {
      const point = await objective.evaluate(x, signal, onProgress);
      evaluations++;
      return point;
    } catch (error) {
      if (isAborted()) return undefined;
      throw error;
    }
  };

  const inverse = new InverseHessian(memory);
  const { start } = objective;
  const unknown = { x: start, value: Number.NaN, gradient: start.map(() => Number.NaN) };
  let current = (await evaluate(start)) ?? unknown;
  let iterations = 0;
  let gradientNorm = norm(current.gradient);
  const report = (step: number): void => {
    const { x, value } = current;
    onIteration?.({
      iteration: iterations,
      value,
      gradientNorm,
      evaluations,
      step,
      get x() {
        return objective.toTree(x);
      },
    });
  };
  const end = (status: MinimumStatus, message: string): Minimum<X> => ({
    x: objective.toTree(current.x),
    value: current.value,
    gradientNorm,
    iterations,
    evaluations,
    status,
    message,
  });

  if (current === unknown) return end('aborted', 'The signal was aborted before the first value.');
  report(0);
  if (!Number.isFinite(current.value) || !Number.isFinite(gradientNorm)) {
    return end(
      'notFinite',
      `At the start the value is ${current.value} and the norm of the gradient ${gradientNorm}; start where both are finite.`,
    );
  }
  const search = (): Promise<LineSearchResult> => {
    const direction = inverse.times(current.gradient).map((value) => -value);
    const firstStep = inverse.isEmpty ? Math.min(1, 1 / gradientNorm) : 1;
    return lineSearch(evaluate, current, direction, firstStep);
  };
  const progress = new ProgressOf(current.value, gradientNorm);
  while (true) {
    if (gradientNorm <= gradientTolerance) {
      return end(
        'converged',
        `The norm of the gradient, ${gradientNorm}, is at most ${gradientTolerance}.`,
      );
    }
    if (isAborted()) return end('aborted', 'The signal was aborted.');
    if (progress.idle >= patience) {
      return end(
        'stalled',
        `In ${patience} iterations neither the value nor the gradient fell, whose norm is ${gradientNorm}, above ${gradientTolerance}: rounding allows no more.`,
      );
    }
    if (iterations === maxIterations) {
      return end(
        'maxIterations',
        `After ${iterations} iterations the norm of the gradient is ${gradientNorm}, above ${gradientTolerance}.`,
      );
    }
    let result = await search();
    if (result.kind === 'failed' && !inverse.isEmpty) {
      inverse.clear();
      result = await search();
    }
    const { kind, best } = result;
    if (best.step > 0) {
      inverse.update(axpy(best.x, -1, current.x), axpy(best.gradient, -1, current.gradient));
      current = best;
      gradientNorm = norm(current.gradient);
      iterations++;
      progress.see(current.value, gradientNorm);
      report(best.step);
    }
    if (kind !== 'found') return end(...failures[kind](gradientNorm));
  }
}

/** Iterations without progress that are borne. */
const patience = 20;

/** How long value and gradient have not fallen by more than rounding does to them. */
class ProgressOf {
  /** Iterations since either fell. */
  idle = 0;
  #value: number;
  #gradientNorm: number;

  constructor(value: number, gradientNorm: number) {
    this.#value = value;
    this.#gradientNorm = gradientNorm;
  }

  see(value: number, gradientNorm: number): void {
    const falls =
      value < this.#value - 4 * Number.EPSILON * Math.abs(this.#value) ||
      gradientNorm < 0.9 * this.#gradientNorm;
    this.idle = falls ? 0 : this.idle + 1;
    if (!falls) return;
    this.#value = Math.min(value, this.#value);
    this.#gradientNorm = Math.min(gradientNorm, this.#gradientNorm);
  }
}

const failures = {
  aborted: (): [MinimumStatus, string] => ['aborted', 'The signal was aborted.'],
  failed: (gradientNorm: number): [MinimumStatus, string] => [
    'lineSearchFailed',
    `No lower value was found along the steepest descent, where the norm of the gradient is ${gradientNorm}. ` +
      'Either rounding allows no more, or the gradient is not that of the function (a kink, or a derivative that was cut off).',
  ],
  unbounded: (): [MinimumStatus, string] => [
    'unbounded',
    'The value falls without end along a direction of descent; the function has no minimum there.',
  ],
};

function checkCount(name: string, count: number, least: number): void {
  if (!Number.isInteger(count) || count < least) {
    throw new RangeError(`lbfgs: ${name} is ${count}; give a whole number of ${least} or more.`);
  }
}
