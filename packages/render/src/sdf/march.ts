// Sphere tracing: from a point at the distance f of a body one may go f along a ray without meeting it. On the way
// the smallest angle f(t) / t between the ray and the body is kept: it tells how near the ray comes to the outline,
// in pixels, also for rays that miss. A ray goes on through the surface by steps of |f| until it is clearly inside,
// or has passed an outline. Nothing here has derivatives: what comes out are places, from which others are derived.
import {
  abs,
  foriLoop,
  full,
  logicalAnd,
  logicalNot,
  logicalOr,
  stopGradient,
  type Tensor,
  where,
  whileLoop,
} from '@grad/core';
import type { Rays } from '../rays.ts';
import type { Sdf } from './shapes.ts';

/** Where rays come nearest to a body, and where they enter it. */
export interface Passage {
  /** Distance at which f(t) / t is smallest, `[n]`. */
  readonly nearest: Tensor;
  /** Distance at which the ray enters, `[n]`; infinite where it does not. */
  readonly entry: Tensor;
  /** Distance at which the search ended, `[n]`. */
  readonly end: Tensor;
  /** Whether the search came to an end within the allowed steps, `[n]`. */
  readonly finished: Tensor;
}

/** How to go along rays. */
export interface MarchOptions {
  /** Where to begin, `[n]`. */
  readonly start: Tensor;
  /** Where to end, `[n]` or a scalar. */
  readonly far: Tensor;
  /** The angle that matters, `[n]` or a scalar: that of a pixel, or of a light. */
  readonly angle: Tensor;
  /** Whether to end behind the first outline; otherwise the nearest of all places is found. */
  readonly first: boolean;
  readonly maxSteps: number;
}

const infinity = Number.POSITIVE_INFINITY;

/** Goes along rays, of shape `[n, 3]`. */
export function march(sdf: Sdf, rays: Rays, options: MarchOptions): Passage {
  const [origins, directions, start, far, angle] = [
    rays.origins,
    rays.directions,
    options.start,
    options.far,
    options.angle,
  ].map(stopGradient);
  if (!origins || !directions || !start || !far || !angle) throw new Error('unreachable');
  const distance = (t: Tensor): Tensor =>
    stopGradient(sdf(origins.add(directions.mul(t.expandDims(-1)))));
  const unset = full([start.size], infinity);
  const [end] = [
    whileLoop(
      ({ isDone, step }) => logicalAnd(logicalNot(isDone.all()), step.lt(options.maxSteps)),
      (s) => {
        const f = distance(s.t);
        const ratio = f.div(s.t);
        const isActive = logicalNot(s.isDone);
        const enters = logicalAnd(isActive, logicalAnd(f.le(0), s.entry.eq(infinity)));
        const improves = logicalAnd(isActive, ratio.lt(s.best));
        const justLeft = logicalAnd(
          isActive,
          logicalAnd(logicalNot(improves), s.nearest.eq(s.before)),
        );
        const isInside = ratio.lt(angle.mul(-1.5));
        const isPast = options.first
          ? logicalAnd(s.best.lt(angle), logicalAnd(logicalNot(improves), ratio.gt(angle.mul(1.5))))
          : s.isDone;
        const isDone = [isInside, isPast, s.t.ge(far)].reduce(logicalOr, s.isDone);
        const stride = abs(f).maximum(angle.mul(s.t).div(4));
        const next = s.t.add(stride).minimum(far);
        return {
          t: where(isDone, s.t, next),
          before: where(isDone, s.before, s.t),
          best: where(improves, ratio, s.best),
          nearest: where(improves, s.t, s.nearest),
          low: where(improves, s.before, s.low),
          high: where(improves, s.t, where(justLeft, s.t, s.high)),
          entry: where(enters, s.t, s.entry),
          outside: where(enters, s.before, s.outside),
          isDone,
          step: s.step.add(1),
        };
      },
      {
        t: start,
        before: start,
        best: unset,
        nearest: start,
        low: start,
        high: start,
        entry: unset,
        outside: start,
        isDone: start.ge(far),
        step: full([], 0).astype('int32'),
      },
    ),
  ];
  const isEntered = end.entry.lt(infinity);
  const entry = bisected(distance, end.outside, where(isEntered, end.entry, end.outside));
  return {
    nearest: stopGradient(smallest((t) => distance(t).div(t), end.low, end.high)),
    entry: stopGradient(where(isEntered, entry, infinity)),
    end: stopGradient(end.t),
    finished: stopGradient(end.isDone),
  };
}

/** Where f changes from above 0 at one end to below at the other. */
function bisected(f: (t: Tensor) => Tensor, from: Tensor, to: Tensor): Tensor {
  const [low, high] = foriLoop(
    0,
    24,
    (_, [a, b]) => {
      const middle = a.add(b).div(2);
      const isAbove = f(middle).gt(0);
      return [where(isAbove, middle, a), where(isAbove, b, middle)];
    },
    [from, to],
  );
  return low.add(high).div(2);
}

/** Where f is smallest between two ends, by golden sections. */
function smallest(f: (t: Tensor) => Tensor, from: Tensor, to: Tensor): Tensor {
  const share = (Math.sqrt(5) - 1) / 2;
  const [low, high] = foriLoop(
    0,
    24,
    (_, [a, b]) => {
      const width = b.sub(a).mul(share);
      const [left, right] = [b.sub(width), a.add(width)];
      const isLeft = f(left).lt(f(right));
      return [where(isLeft, a, left), where(isLeft, right, b)];
    },
    [from, to],
  );
  return low.add(high).div(2);
}
