import {
  ceil,
  concatenate,
  isfinite,
  type LoopCheckpoint,
  logicalAnd,
  maximum,
  minimum,
  scan,
  stopGradient,
  type Tensor,
  tensor,
  where,
  whileLoop,
} from '@grad/core';
import type { SolvedVector } from './adaptive-solve.ts';
import type { FixedMethod } from './fixed-method.ts';
import type { Slope } from './method.ts';
import { codeOf } from './status.ts';

/** A solve by steps of given size. */
export interface FixedProblem {
  readonly f: Slope;
  readonly y0: Tensor;
  readonly ts: Tensor;
  readonly method: FixedMethod;
  /** The longest step; one step from each time to the next where there is none. */
  readonly stepSize: number | undefined;
  readonly maxSteps: number;
  readonly checkpoint: LoopCheckpoint;
}

/** Follows y' = f(t, y) by equal steps between each time and the next. */
export function fixedSolve(problem: FixedProblem): SolvedVector {
  const { f, y0, ts, method, stepSize, maxSteps, checkpoint } = problem;
  const start = { t: ts.at(0), y: y0, steps: count(0), done: tensor(true) };
  const [final, later] = scan(
    (from: typeof start, target: Tensor) => {
      const span = target.sub(from.t);
      if (stepSize === undefined) {
        const y = method.step(f, from.t, from.y, span);
        return [{ t: target, y, steps: from.steps.add(1), done: from.done }, y];
      }
      // A share of a step that is rounding is none.
      const wanted = maximum(ceil(stopGradient(span).abs().div(stepSize).sub(1e-9)), 1);
      const h = span.div(wanted);
      const end = minimum(from.steps.add(minimum(wanted, maxSteps + 1).astype('int32')), maxSteps);
      const { y, steps } = whileLoop(
        (now) => now.steps.lt(end),
        (now) => ({
          y: method.step(f, from.t.add(h.mul(now.steps.sub(from.steps).astype(h.dtype))), now.y, h),
          steps: now.steps.add(1),
        }),
        { y: from.y, steps: from.steps },
        { checkpoint },
      );
      const done = logicalAnd(from.done, steps.sub(from.steps).astype(h.dtype).ge(wanted));
      return [{ t: where(done, target, from.t), y, steps, done }, where(done, y, Number.NaN)];
    },
    start,
    ts.at([1, null]),
  );
  const fine = isfinite(final.y).all();
  return {
    ys: concatenate([y0.expandDims(0), later]),
    code: where(
      final.done,
      where(fine, count(codeOf('success')), count(codeOf('notFinite'))),
      count(codeOf('maxSteps')),
    ),
    steps: final.steps,
    rejected: count(0),
    evaluations: final.steps.mul(method.evaluations),
    t: final.t,
    y: final.y,
    event: count(-1),
  };
}

const count = (n: number): Tensor => tensor(n, { dtype: 'int32' });
