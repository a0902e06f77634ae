import {
  dynamicUpdateSlice,
  full,
  ones,
  searchsorted,
  stack,
  stopGradient,
  type Tensor,
  take,
  tensor,
  vmap,
  where,
  whileLoop,
  zeros,
} from '@grad/core';
import {
  type AdaptiveProblem,
  attempt,
  isBefore,
  type Position,
  type SolvedVector,
  startSolve,
  workOf,
} from '../adaptive-solve.ts';
import { polynomial } from '../combination.ts';

/** The interpolants of all steps. */
export interface DenseSolution {
  /** Where each step starts, in the order of time; infinite where there is none. */
  readonly starts: Tensor;
  readonly sizes: Tensor;
  /** `[steps, 1 + degree, n]`: the state at the start, and the coefficients of theta, theta^2, ... */
  readonly coefficients: Tensor;
  readonly direction: Tensor;
}

/** The solution at a time. */
export function denseAt(
  { starts, sizes, coefficients, direction }: DenseSolution,
  t: Tensor,
): Tensor {
  const place = searchsorted(starts.mul(direction), stopGradient(t).mul(direction), {
    side: 'right',
  });
  const step = place.sub(1).astype('int32');
  const row = take(coefficients, step, { axis: 0, mode: 'clip' });
  const [start, size] = [starts, sizes].map((x) => take(x, step, { mode: 'clip' }));
  if (!start || !size) throw new Error('A step is missing.');
  const [y, ...powers] = Array.from({ length: row.shape[0] ?? 0 }, (_, i) => row.at(i));
  if (!y) throw new Error('A step has no coefficients.');
  return polynomial(y, powers, t.sub(start).div(size));
}

/** A solve that keeps the interpolants of all of its steps. */
export function recordedSolve(problem: AdaptiveProblem): [SolvedVector, DenseSolution] {
  const { f, y0, ts, method, maxSteps } = problem;
  const { start, end, direction } = startSolve(problem);
  const rows = (step: Position): Tensor =>
    stack([step.last.y, ...method.interpolant(f, step.last)]);
  const first = rows(start);
  const final = whileLoop(
    ({ at }) => isBefore(at, end, direction),
    ({ at, starts, sizes, coefficients }) => {
      const next = attempt(at, { ...problem, end, direction });
      // A step that is refused is written over by the next one.
      const place = at.steps;
      return {
        at: next,
        starts: dynamicUpdateSlice(starts, next.last.t.reshape([1]), [place]),
        sizes: dynamicUpdateSlice(sizes, next.last.h.reshape([1]), [place]),
        coefficients: dynamicUpdateSlice(coefficients, rows(next).expandDims(0), [place, 0, 0]),
      };
    },
    {
      at: start,
      starts: full([maxSteps], Number.POSITIVE_INFINITY).astype(y0.dtype).mul(direction),
      sizes: ones([maxSteps]).astype(y0.dtype),
      coefficients: zeros([maxSteps, ...first.shape]).astype(y0.dtype),
    },
  );
  const dense = { ...final, direction };
  const { t, y } = final.at;
  const between = vmap((time: Tensor) => denseAt(dense, time))(ts);
  const isEnd = ts.eq(end).expandDims(1);
  const isStart = ts.eq(ts.at(0)).expandDims(1);
  const known = ts.sub(t).mul(direction).le(0).expandDims(1);
  const ys = where(isStart, y0, where(isEnd, y, between));
  return [
    {
      ...workOf(final.at, problem),
      ys: where(known, ys, Number.NaN),
      t,
      y,
      event: tensor(-1, { dtype: 'int32' }),
    },
    dense,
  ];
}
