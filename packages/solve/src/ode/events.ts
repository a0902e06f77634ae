/**
 * Events end a solve where a function of t and y passes through 0. The step in which it does is found
 * by the signs at its ends, and the time on the interpolant of the step, as the root that it is: its
 * derivative follows from the implicit function theorem.
 */

import {
  abs,
  argmin,
  cond,
  foriLoop,
  implicitRoot,
  isfinite,
  logicalAnd,
  logicalOr,
  stack,
  stopGradient,
  type Tensor,
  take,
  tensor,
  where,
  zeros,
} from '@grad/core';
import { polynomial } from './combination.ts';
import type { AdaptiveMethod, Slope, TakenStep } from './method.ts';
import { codeOf } from './status.ts';

/** Which way an event passes through 0, as t goes on. */
export type EventDirection = 'rising' | 'falling' | 'any';

/** Events of a vector equation. */
export interface EventFunctions {
  readonly conditions: readonly ((t: Tensor, y: Tensor) => Tensor)[];
  readonly directions: readonly EventDirection[];
  /** One number for each event. */
  values(t: Tensor, y: Tensor): Tensor;
}

/** The conditions with their values in one vector. */
export function eventFunctions(
  conditions: readonly ((t: Tensor, y: Tensor) => Tensor)[],
  directions: readonly EventDirection[],
): EventFunctions {
  return {
    conditions,
    directions,
    values: (t, y) =>
      conditions.length === 0
        ? zeros([0])
        : stopGradient(stack(conditions.map((condition) => condition(t, y)))),
  };
}

/** Which events happened between two sets of values. */
export function crossings(
  before: Tensor,
  after: Tensor,
  { directions }: Pick<EventFunctions, 'directions'>,
): Tensor {
  const allowed = (way: EventDirection): Tensor =>
    tensor(directions.map((direction) => direction === 'any' || direction === way));
  if (directions.length === 0) return tensor([false]);
  const rising = logicalAnd(logicalAnd(before.lt(0), after.ge(0)), allowed('rising'));
  const falling = logicalAnd(logicalAnd(before.gt(0), after.le(0)), allowed('falling'));
  return logicalOr(rising, falling);
}

/** An event in time. */
export interface FoundEvent {
  readonly index: Tensor;
  readonly t: Tensor;
  readonly y: Tensor;
}

/** The first event in the last step of a solve. */
function locate(
  f: Slope,
  method: AdaptiveMethod,
  last: TakenStep,
  events: EventFunctions,
): FoundEvent {
  const coefficients = method.interpolant(f, last);
  const at = (theta: Tensor): readonly [t: Tensor, y: Tensor] => [
    last.t.add(last.h.mul(theta)),
    polynomial(last.y, coefficients, theta),
  ];
  const before = events.values(last.t, last.y);
  const happened = crossings(before, events.values(...at(tensor(1).astype(last.y.dtype))), events);
  const roots = events.conditions.map((condition, i) => {
    const value = (theta: Tensor): Tensor => condition(...at(theta));
    const root = implicitRoot(
      (theta: Tensor) => value(theta),
      () => bisect(value, before.at(i)),
      {},
      { linearSolve: (slope, b) => b.div(nonzero(slope(b.mul(0).add(1)))) },
    );
    return where(happened.at(i), root, Number.POSITIVE_INFINITY);
  });
  const thetas = stack(roots);
  const index = argmin(stopGradient(thetas));
  const first = take(thetas, index);
  const [t, y] = at(where(isfinite(first), first, 1));
  return { index, t, y };
}

/** A point of [0, 1] beside which the sign changes, by bisection down to rounding. */
function bisect(value: (theta: Tensor) => Tensor, before: Tensor): Tensor {
  const half = before.mul(0).add(0.5);
  const found = foriLoop(
    0,
    before.dtype === 'float32' ? 25 : 54,
    (_, { theta, width }: { theta: Tensor; width: Tensor }) => ({
      theta: theta.add(where(value(theta).mul(before).gt(0), width, width.neg())),
      width: width.mul(0.5),
    }),
    { theta: half, width: half.mul(0.5) },
  );
  return found.theta;
}

function nonzero(x: Tensor): Tensor {
  return where(abs(x).gt(0), x, 1);
}

/** Where a solve ended: at an event, or where its last step did. */
export function endOf(
  f: Slope,
  method: AdaptiveMethod,
  final: {
    readonly code: Tensor;
    readonly t: Tensor;
    readonly y: Tensor;
    readonly last: TakenStep;
  },
  events: EventFunctions,
): FoundEvent {
  const none = (): FoundEvent => ({
    index: tensor(-1, { dtype: 'int32' }),
    t: final.t,
    y: final.y,
  });
  if (events.conditions.length === 0) return none();
  return cond(final.code.eq(codeOf('event')), () => locate(f, method, final.last, events), none);
}
