import type { Argument, AsyncOptions, Tensor, TensorLike, Traced } from '@grad/core';
import { defineHidden } from '../hidden.ts';
import type { OdeOptions } from './options.ts';
import { prepare, type Solved } from './prepare.ts';
import { messageOf, type OdeStatus, odeStatus } from './status.ts';

/** A right-hand side f(y, t, args). */
export type VectorField<Y, A, N> = (
  y: NoInfer<Traced<Y>>,
  t: Tensor,
  args: NoInfer<Traced<A>>,
) => N;

/** How much work a solve took: int32 scalars. */
export interface OdeStats {
  /** Steps that were taken. */
  readonly steps: Tensor;
  /** Steps that were tried, and were too large for the tolerances. */
  readonly rejected: Tensor;
  /** Calls of f by the steps; those of the interpolant and of derivatives are not counted. */
  readonly evaluations: Tensor;
}

/** Where a solve ended. */
export interface OdeEnd<Y> {
  /** Position of the event in the list, or -1 where none happened: int32. */
  readonly index: Tensor;
  /** Time of the event, or the last one that was reached. */
  readonly t: Tensor;
  /** State then. */
  readonly y: Traced<Y>;
}

/** The solution of a differential equation. */
export interface OdeSolution<Y> {
  readonly ts: Tensor;
  /** States at the times, along a new first axis; NaN after the solve has ended. */
  readonly ys: Traced<Y>;
  readonly stats: OdeStats;
  /** Number of the status, which `odeStatus` names: int32, for use inside `jit` and `vmap`. */
  readonly code: Tensor;
  /** Where the solve ended, and by which event. */
  readonly event: OdeEnd<Y>;
  /** How the solve ended. Like `message` known only outside of `jit` and `vmap`. */
  readonly status: OdeStatus;
  /** The status in words, with the numbers that led to it. */
  readonly message: string;
}

/**
 * Solves the initial value problem y' = f(y, t, args), y(ts[0]) = y0, and gives y at all of `ts`.
 *
 * Steps are as large as the tolerances allow: the root mean square of (error / (atol + rtol |y|)) over all
 * elements is at most 1 in each. They do not stop at `ts`; between steps the interpolant of the method
 * is evaluated. The solve is one compiled loop, and can be differentiated in y0, args, ts and what f
 * closes over, in any order, and batched: each entry of a batch has its own steps.
 *
 * A solve that does not reach the last time is no error: `status` says why, and ys are NaN from there on.
 *
 * @param f - The derivative, in the structure of y; a pure function of tensors.
 * @param y0 - A tree of float64, or of float32.
 * @param ts - At least one time, in ascending or descending order; the first is that of y0.
 * @throws ShapeError when f changes a shape, or ts is no vector.
 * @throws TypeError when f does not keep the structure of y, or an option does not suit the method.
 * @throws RangeError when times are not in order, or an option makes no sense.
 * @see Hairer, Nørsett and Wanner, *Solving Ordinary Differential Equations I* (2nd ed. 1993), chapter II;
 * Hairer and Wanner, *II* (2nd ed. 1996), chapter IV, for stiff ones.
 */
export function odeint<const Y, const N extends Argument<Traced<Y>>, const A = undefined>(
  f: VectorField<Y, A, N>,
  y0: Y,
  ts: TensorLike,
  options: OdeOptions<Y, A> = {},
): OdeSolution<Y> {
  const { run, method, maxSteps } = prepare(f, y0, ts, options);
  return solutionOf(run(), { method, maxSteps });
}

/**
 * The same, in slices between which other tasks have their turn. Not to be called while a transform
 * records: there call `odeint`, and `async` of what `jit` gives.
 */
odeint.async = async <const Y, const N extends Argument<Traced<Y>>, const A = undefined>(
  f: VectorField<Y, A, N>,
  y0: Y,
  ts: TensorLike,
  { signal, onProgress, ...options }: OdeOptions<Y, A> & AsyncOptions = {},
): Promise<OdeSolution<Y>> => {
  const { run, method, maxSteps } = prepare(f, y0, ts, options);
  const how = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  return solutionOf(await run.async([], how), { method, maxSteps });
};

function solutionOf<Y>(
  { ts, ys, steps, rejected, evaluations, code, event }: Solved<Y>,
  { method, maxSteps }: { readonly method: string; readonly maxSteps: number },
): OdeSolution<Y> {
  const solution = { ts, ys, stats: { steps, rejected, evaluations }, code, event };
  const named: typeof solution = solution;
  defineHidden(named, 'status', () => odeStatus(code));
  defineHidden(named, 'message', () =>
    messageOf(odeStatus(code), { method, maxSteps, t: event.t.item() }),
  );
  return named;
}
