import { type Tensor, type Traced, tensor } from '@grad/core';
import { createPause } from '../event-loop.ts';
import { checkCount, checkSize } from '../options.ts';
import { norm } from '../vectors.ts';
import { covarianceOf } from './covariance.ts';
import { ResidualModel, type ResidualPoint } from './residual-model.ts';

/** Where a least-squares minimization stands after an iteration; iteration 0 is the start. */
export interface LeastSquaresIteration<X> {
  readonly iteration: number;
  /** Half the sum of squared residuals. */
  readonly value: number;
  /** Largest cosine of the angle between the residuals and a column of the Jacobian. */
  readonly slope: number;
  /** Evaluations of residuals so far. */
  readonly evaluations: number;
  /** The point, made when it is asked for. */
  readonly x: Traced<X>;
}

/** Options of `levenbergMarquardt` and `gaussNewton`. */
export interface LeastSquaresOptions<X> {
  /** 200 when left out. */
  readonly maxIterations?: number;
  /**
   * The cosine between residuals and columns of the Jacobian to stop at, which is 0 at a minimum; 1e-10 when
   * left out.
   */
  readonly gradientTolerance?: number;
  /** The length of a step, relative to that of x, both scaled, to stop at; 1e-12 when left out. */
  readonly stepTolerance?: number;
  /**
   * `qr` makes the Jacobian; `cg` only products with it and its transpose, for many unknowns; `auto`, when
   * left out, is `qr` for up to four million elements.
   */
  readonly solver?: 'auto' | 'qr' | 'cg';
  /** Stops with the status `'aborted'` and the best point so far. */
  readonly signal?: AbortSignal | undefined;
  /** Called at the start and after each iteration. */
  readonly onIteration?: ((iteration: LeastSquaresIteration<X>) => void) | undefined;
}

/** The end of a least-squares minimization. */
export interface LeastSquares<X> {
  /** The best point, in the structure of the start. */
  readonly x: Traced<X>;
  /** Half the sum of squared residuals there. */
  readonly value: number;
  /** All residuals there, as one vector. */
  readonly residuals: Tensor;
  /**
   * Covariance of the elements of x, in the order of `tree.ravel`, if the residuals are errors of one
   * variance; null where they do not determine x, and without a Jacobian.
   */
  readonly covariance: Tensor | null;
  readonly iterations: number;
  /** Evaluations of residuals. */
  readonly evaluations: number;
  /**
   * - `converged`: the gradient or the step is as small as was asked for, or rounding allows no more;
   * - `maxIterations`: the iterations are used up;
   * - `singular`: the Jacobian does not determine a step (`gaussNewton` alone);
   * - `noDecrease`: no step makes the sum smaller although its slope is not small;
   * - `notFinite`: residuals or derivatives are NaN or infinite where it stands;
   * - `aborted`: the signal was aborted.
   */
  readonly status:
    | 'converged'
    | 'maxIterations'
    | 'singular'
    | 'noDecrease'
    | 'notFinite'
    | 'aborted';
  /** The status in words. */
  readonly message: string;
}

/** What one iteration came to. */
export type Outcome =
  | { readonly kind: 'moved'; readonly x: Float64Array; readonly size: number }
  | { readonly kind: 'still' }
  | { readonly kind: 'singular' | 'noDecrease'; readonly message: string };

/** What a method sees of the problem. */
export interface Surroundings<X> {
  readonly model: ResidualModel<X>;
  readonly signal: AbortSignal | undefined;
  readonly stepTolerance: number;
  /** Half the sum of squares, counted as an evaluation. */
  valueAt(x: Float64Array): Promise<number>;
}

/** Moves from a point to a better one. */
export type Iterate = (point: ResidualPoint) => Promise<Outcome>;

/** Slopes below this are what rounding of residuals leaves at a minimum. */
const stationarySlope = 1e-6;

/** The loop that both methods share. */
export async function leastSquares<const X>(
  name: string,
  residuals: (x: Traced<X>) => unknown,
  x0: X,
  options: LeastSquaresOptions<X>,
  method: (surroundings: Surroundings<X>) => Iterate,
): Promise<LeastSquares<X>> {
  const { maxIterations = 200, gradientTolerance = 1e-10, stepTolerance = 1e-12 } = options;
  const { solver = 'auto', signal, onIteration } = options;
  checkCount(name, 'maxIterations', maxIterations, 0);
  checkSize(name, 'gradientTolerance', gradientTolerance);
  checkSize(name, 'stepTolerance', stepTolerance);
  const model = new ResidualModel<X>(name, residuals, x0, solver);
  const pause = createPause();
  let evaluations = 1;
  let iterations = 0;
  const iterate = method({
    model,
    signal,
    stepTolerance,
    async valueAt(x) {
      await pause();
      signal?.throwIfAborted();
      evaluations++;
      return model.valueAt(x, signal);
    },
  });
  const nowhere: ResidualPoint = {
    x: model.start,
    residuals: tensor([]),
    value: Number.NaN,
    jacobian: null,
    gradient: model.start.map(() => Number.NaN),
    columns: model.start.map(() => 1),
  };
  let point = nowhere;
  const end = (status: LeastSquares<X>['status'], message: string): LeastSquares<X> => ({
    x: model.toTree(point.x),
    value: point.value,
    residuals: point.residuals,
    covariance: point.jacobian && covarianceOf(point.jacobian, point.value),
    iterations,
    evaluations,
    status,
    message,
  });
  const report = (): void => {
    const { x, value } = point;
    onIteration?.({
      iteration: iterations,
      value,
      slope: slopeOf(point),
      evaluations,
      get x() {
        return model.toTree(x);
      },
    });
  };
  try {
    signal?.throwIfAborted();
    point = await model.at(model.start, signal);
    report();
    while (true) {
      if (!Number.isFinite(point.value) || !point.gradient.every(Number.isFinite)) {
        return end(
          'notFinite',
          `After ${iterations} iterations half the sum of squares is ${point.value}, and residuals or derivatives are not finite; start where they are.`,
        );
      }
      const slope = slopeOf(point);
      if (slope <= gradientTolerance) {
        return end('converged', `The slope, ${slope}, is at most ${gradientTolerance}.`);
      }
      if (iterations === maxIterations) {
        return end('maxIterations', `After ${iterations} iterations the slope is ${slope}.`);
      }
      await pause();
      signal?.throwIfAborted();
      const outcome = await iterate(point);
      if (outcome.kind === 'still') {
        const why = `No step makes the sum of squares smaller; the slope is ${slope}.`;
        return slope <= stationarySlope ? end('converged', why) : end('noDecrease', why);
      }
      if (outcome.kind !== 'moved') return end(outcome.kind, outcome.message);
      point = await model.at(outcome.x, signal);
      iterations++;
      report();
      if (outcome.size <= stepTolerance) {
        return end(
          'converged',
          `The last step, ${outcome.size} of x, is at most ${stepTolerance}.`,
        );
      }
    }
  } catch (error) {
    if (signal?.aborted) return end('aborted', 'The signal was aborted.');
    throw error;
  }
}

/** Largest cosine between the residuals and a column of the Jacobian. */
export function slopeOf({ value, gradient, columns }: ResidualPoint): number {
  const length = Math.sqrt(2 * value);
  if (length === 0) return 0;
  return gradient.reduce((most, g, j) => {
    const column = columns[j] ?? 1;
    return Math.max(most, column === 0 ? 0 : Math.abs(g) / (column * length));
  }, 0);
}

/** Length of a step for that of the point, in the scales of the columns. */
export function relativeStep(step: Float64Array, x: Float64Array, scales: Float64Array): number {
  const scaled = (v: Float64Array): number => norm(v.map((value, j) => value * (scales[j] ?? 1)));
  return scaled(step) / Math.max(scaled(x), Number.MIN_VALUE);
}
