import { type Jitted, jit, type Tensor, type TensorLike, type Traced, tree } from '@grad/core';
import type { SolvedVector } from './adaptive-solve.ts';
import { checkOdeOptions, checkTimes, toleranceOf } from './check-options.ts';
import { eventFunctions } from './events.ts';
import type { Slope } from './method.ts';
import type { OdeOptions } from './options.ts';
import { solverOf } from './solver.ts';
import { vectorSlope, vectorState } from './vector-problem.ts';

/** A solution as tensors alone. */
export interface Solved<Y> extends Omit<SolvedVector, 'ys' | 'y' | 'event' | 't'> {
  readonly ts: Tensor;
  readonly ys: Traced<Y>;
  readonly event: { readonly index: Tensor; readonly t: Tensor; readonly y: Traced<Y> };
}

/** A checked call of `odeint`, ready to run. */
export interface Prepared<Y> {
  readonly run: Jitted<[], Solved<Y>>;
  readonly method: string;
  readonly maxSteps: number;
}

/** Checks the arguments of `odeint`. */
export function prepare<Y, A>(
  f: (y: Traced<Y>, t: Tensor, args: Traced<A>) => unknown,
  initial: Y,
  times: TensorLike,
  options: OdeOptions<Y, A>,
): Prepared<Y> {
  const name = 'odeint';
  if (typeof f !== 'function') {
    throw new TypeError(`${name}: the first argument must be a function f(y, t, args).`);
  }
  checkOdeOptions(name, options);
  const { y0, unravel, unravelAll } = vectorState(name, initial);
  const ts = checkTimes(name, times, y0);
  const args: unknown = tree.map((leaf) => leaf, options.args);
  const { method = 'tsit5', events = [] } = options;
  const { maxSteps = options.adjoint === 'interpolating' ? 4096 : 100_000 } = options;
  const solve = solverOf(method, {
    ...options,
    maxSteps,
    atol: toleranceOf(name, options.atol, y0, tree.leaves(initial)),
    events: eventFunctions(
      events.map(
        ({ condition }) =>
          (t: Tensor, y: Tensor) =>
            Reflect.apply(condition, undefined, [unravel(y), t, args]),
      ),
      events.map(({ direction = 'any' }) => direction),
    ),
  });
  const slope: Slope = vectorSlope(
    name,
    (y: Traced<Y>, t) => Reflect.apply(f, undefined, [y, t, args]),
    unravel,
  );
  const run = jit((): Solved<Y> => {
    const { ys, y, t, event, ...rest } = solve(slope, y0, ts);
    return { ...rest, ts, ys: unravelAll(ys), event: { index: event, t, y: unravel(y) } };
  });
  return { run, method, maxSteps };
}
