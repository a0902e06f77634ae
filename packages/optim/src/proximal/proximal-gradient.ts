import {
  jit,
  logicalAnd,
  logicalNot,
  logicalOr,
  sqrt,
  type Tensor,
  type Traced,
  tensor,
  tree,
  valueAndGrad,
  where,
  whileLoop,
} from '@grad/core';
import { createPause } from '../event-loop.ts';
import { checkCount, checkSize } from '../options.ts';
import { patientCall } from '../patient-call.ts';

/** Where a minimization stands after an iteration. */
export interface ProximalIteration<X> {
  readonly iteration: number;
  /** The smooth part of the objective at x. */
  readonly value: number;
  /** Norm of the generalized gradient, which is 0 at a minimum. */
  readonly residual: number;
  /** The point, made when it is asked for. */
  readonly x: Traced<X>;
}

/** Options of `proximalGradient` and `projectedGradient`. */
export interface ProximalOptions<X> {
  /** 10,000 when left out. */
  readonly maxIterations?: number;
  /** The norm of the generalized gradient to stop at; 1e-8 when left out. */
  readonly tolerance?: number;
  /** Whether steps gain momentum, with restarts; they do when left out. */
  readonly accelerate?: boolean;
  /** Stops with the status `'aborted'`. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each iteration. */
  readonly onIteration?: ((iteration: ProximalIteration<X>) => void) | undefined;
}

/** The end of a minimization by proximal steps. */
export interface ProximalMinimum<X> {
  readonly x: Traced<X>;
  /** The smooth part of the objective there. */
  readonly value: number;
  /** Norm of the generalized gradient, `(y - prox(y - step * gradient)) / step`. */
  readonly residual: number;
  readonly iterations: number;
  readonly status: 'converged' | 'maxIterations' | 'notFinite' | 'aborted';
  /** The status in words. */
  readonly message: string;
}

/** Doublings of the curvature in one iteration, at most. */
const mostDoublings = 100;

/**
 * Minimizes f(x) + g(x) with f smooth and g convex, given by its proximal operator: FISTA, with a step found by
 * backtracking and a restart of the momentum where it points uphill.
 *
 * @param f smooth scalar function of tensors in the structure of `x0`
 * @param prox `(v, step)` to the x of least g(x) + |x - v|² / (2 step), such as `proximal.l1(0.1)`
 * @param x0 tensors and numbers in arrays and objects, float64
 * @throws TypeError when x0 is not float64; RangeError when an option makes no sense.
 * @see A. Beck and M. Teboulle, A fast iterative shrinkage-thresholding algorithm, SIAM J. Imaging Sci. 2
 * (2009) 183; B. O'Donoghue and E. Candès, Adaptive restart for accelerated gradient schemes, Found.
 * Comput. Math. 15 (2015) 715.
 */
export async function proximalGradient<const X>(
  f: (x: Traced<X>) => Tensor,
  prox: (v: Traced<X>, step: Tensor) => unknown,
  x0: X,
  options: ProximalOptions<X> = {},
): Promise<ProximalMinimum<X>> {
  return iterate('proximalGradient', f, prox, x0, options);
}

/**
 * Minimizes a smooth function over a convex set, given by its projection: `proximalGradient` with the
 * projection in place of the proximal operator.
 *
 * @param project the nearest point of the set, such as `projections.simplex()`
 * @throws what `proximalGradient` throws.
 */
export async function projectedGradient<const X>(
  f: (x: Traced<X>) => Tensor,
  project: (x: Traced<X>) => unknown,
  x0: X,
  options: ProximalOptions<X> = {},
): Promise<ProximalMinimum<X>> {
  return iterate('projectedGradient', f, (v) => project(v), x0, options);
}

async function iterate<const X>(
  name: string,
  f: (x: Traced<X>) => Tensor,
  prox: (v: Traced<X>, step: Tensor) => unknown,
  x0: X,
  options: ProximalOptions<X>,
): Promise<ProximalMinimum<X>> {
  const { maxIterations = 10_000, tolerance = 1e-8, accelerate = true } = options;
  const { signal, onIteration } = options;
  checkCount(name, 'maxIterations', maxIterations, 1);
  checkSize(name, 'tolerance', tolerance);
  const [vector, unravel] = tree.ravel(x0);
  if (vector.dtype !== 'float64') {
    throw new TypeError(
      `${name}: the start is ${vector.dtype}; minimization is done in float64. Convert it with astype('float64').`,
    );
  }
  const value = (x: Tensor): Tensor => f(unravel(x));
  const near = (v: Tensor, step: Tensor): Tensor => tree.ravel(prox(unravel(v), step))[0];
  const step = patientCall(jit((state: State) => proximalStep(value, near, state, accelerate)));
  const pause = createPause();
  let state: State = {
    x: vector,
    y: vector,
    momentum: tensor(1),
    curvature: tensor(1),
    isFound: tensor(false),
    value: tensor(Number.NaN),
    residual: tensor(Number.NaN),
  };
  let iterations = 0;
  const end = (status: ProximalMinimum<X>['status'], message: string): ProximalMinimum<X> => ({
    x: unravel(state.x),
    value: state.value.item(),
    residual: state.residual.item(),
    iterations,
    status,
    message,
  });
  try {
    while (iterations < maxIterations) {
      await pause();
      signal?.throwIfAborted();
      const next = await step([state], signal);
      if (!Number.isFinite(next.value.item()) || !Number.isFinite(next.residual.item())) {
        return end('notFinite', `At iteration ${iterations} the value is ${next.value.item()}.`);
      }
      state = next;
      iterations++;
      const { x } = state;
      onIteration?.({
        iteration: iterations,
        value: state.value.item(),
        residual: state.residual.item(),
        get x() {
          return unravel(x);
        },
      });
      if (state.residual.item() <= tolerance) {
        return end('converged', `The residual, ${state.residual.item()}, is at most ${tolerance}.`);
      }
    }
    return end(
      'maxIterations',
      `After ${iterations} iterations the residual is ${state.residual.item()}.`,
    );
  } catch (error) {
    if (signal?.aborted) return end('aborted', 'The signal was aborted.');
    throw error;
  }
}

interface State {
  readonly x: Tensor;
  /** Where the next gradient is taken. */
  readonly y: Tensor;
  readonly momentum: Tensor;
  /** The inverse of the step. */
  readonly curvature: Tensor;
  /** Whether the curvature was ever too small; until then it is halved. */
  readonly isFound: Tensor;
  readonly value: Tensor;
  readonly residual: Tensor;
}

function proximalStep(
  f: (x: Tensor) => Tensor,
  prox: (v: Tensor, step: Tensor) => Tensor,
  { x, y, momentum, curvature, isFound }: State,
  accelerate: boolean,
): State {
  const [here, slope] = valueAndGrad(f)(y);
  const target = (c: Tensor): Tensor => prox(y.sub(slope.div(c)), c.pow(-1));
  const exceeds = (c: Tensor, to: Tensor, there: Tensor): Tensor => {
    const move = to.sub(y);
    const model = here.add(slope.mul(move).sum()).add(move.square().sum().mul(c).div(2));
    return logicalNot(there.le(model.add(here.abs().mul(1e-14))));
  };
  const first = where(isFound, curvature, curvature.div(2));
  const start = target(first);
  const startValue = f(start);
  const found = whileLoop(
    ({ exceeded, count }) => logicalAnd(exceeded, count.lt(mostDoublings)),
    ({ c, count }) => {
      const more = c.mul(2);
      const to = target(more);
      const there = f(to);
      return { c: more, to, there, exceeded: exceeds(more, to, there), count: count.add(1) };
    },
    {
      c: first,
      to: start,
      there: startValue,
      exceeded: exceeds(first, start, startValue),
      count: tensor(0, { dtype: 'int32' }),
    },
  );
  const { c, to, there, count } = found;
  const isUphill = y.sub(to).mul(to.sub(x)).sum().gt(0);
  const grown = sqrt(momentum.square().mul(4).add(1)).add(1).div(2);
  const share = where(isUphill, 0, momentum.sub(1).div(grown));
  return {
    x: to,
    y: accelerate ? to.add(to.sub(x).mul(share)) : to,
    momentum: where(isUphill, 1, grown),
    curvature: c,
    isFound: logicalOr(isFound, count.gt(0)),
    value: there,
    residual: sqrt(y.sub(to).square().sum()).mul(c),
  };
}
