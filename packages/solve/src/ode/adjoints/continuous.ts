/**
 * The continuous adjoint: for a loss of y(t_k), a(t) = dL/dy(t) follows a' = -(df/dy)' a backwards in
 * time, and jumps by dL/dy(t_k) at each t_k; the derivative in a parameter p is the integral of
 * (df/dp)' a. It is the derivative of the equation and not of the steps, so it is as accurate as the
 * tolerances are.
 *
 * Pontryagin et al., *The Mathematical Theory of Optimal Processes* (1962); Chen et al., *Neural ordinary
 * differential equations* (2018).
 */

import { concatenate, full, scan, type Tensor, vjp, zeros } from '@grad/core';
import type { Slope } from '../method.ts';
import type { SolveOptions, VectorSolver } from '../solver.ts';
import { type OpenSlope, ravelLike } from './parameters.ts';

/** A solution that a cotangent is brought back through. */
export interface Trajectory {
  readonly ts: Tensor;
  readonly ys: Tensor;
  readonly parameters: readonly Tensor[];
  /** The solution between the times; without it, it is solved for again, backwards. */
  readonly at: ((t: Tensor) => Tensor) | undefined;
}

/** Cotangents of what a solution depends on. */
export interface SolutionCotangents {
  readonly y0: Tensor;
  readonly ts: Tensor;
  readonly parameters: readonly Tensor[];
}

/** Brings a cotangent of the states back to the start, the times and the parameters. */
export function backwards(
  open: OpenSlope,
  { ts, ys, parameters, at }: Trajectory,
  cotangents: Tensor,
  solverFor: (parts: readonly number[]) => VectorSolver,
): SolutionCotangents {
  const n = ys.shape[1] ?? 0;
  const [flat, unravel] = ravelLike(parameters, ys);
  const f = open.with(parameters);
  const parts = at ? [n, flat.size] : [n, n, flat.size];
  const solve = solverFor(parts);
  const places = parts.map((_, i) => parts.slice(0, i).reduce((a, b) => a + b, 0));
  const part = (state: Tensor, i: number): Tensor => {
    const from = places[i] ?? 0;
    return state.at([from, from + (parts[i] ?? 0)]);
  };
  const [adjoint, integral] = at ? [0, 1] : [1, 2];

  const augmented: Slope = (t, state) => {
    const y = at ? at(t) : part(state, 0);
    const [slope, pullback] = vjp(
      (vector: Tensor, point: Tensor) => open.with(unravel(vector))(t, point),
      flat,
      y,
    );
    const [inParameters, inY] = pullback(part(state, adjoint));
    return concatenate([...(at ? [] : [slope]), inY.neg(), inParameters.neg()]);
  };

  const [end, inTimes] = scan(
    ({ a, sum }: { a: Tensor; sum: Tensor }, leg: Leg) => {
      const arrived = a.add(leg.cotangent);
      const state = concatenate([...(at ? [] : [leg.y]), arrived, sum]);
      const back = solve(
        augmented,
        state,
        concatenate([leg.to, leg.from].map((t) => t.reshape([1]))),
      );
      const inTime = f(leg.to, leg.y).mul(leg.cotangent).sum();
      return [{ a: part(back.y, adjoint), sum: part(back.y, integral) }, inTime];
    },
    { a: zeros([n]).astype(ys.dtype), sum: zeros([flat.size]).astype(ys.dtype) },
    {
      y: ys.at([1, null]),
      cotangent: cotangents.at([1, null]),
      from: ts.at([null, -1]),
      to: ts.at([1, null]),
    },
    { reverse: true },
  );
  const inStart = f(ts.at(0), ys.at(0)).mul(end.a).sum().neg();
  return {
    y0: end.a.add(cotangents.at(0)),
    ts: concatenate([inStart.reshape([1]), inTimes]),
    parameters: unravel(end.sum),
  };
}

/** From one time to the next. */
interface Leg {
  readonly y: Tensor;
  readonly cotangent: Tensor;
  readonly from: Tensor;
  readonly to: Tensor;
}

/** The absolute tolerance of an augmented state, from that of the state. */
export function augmentedTolerance(
  { atol }: Pick<SolveOptions, 'atol'>,
  parts: readonly number[],
): Tensor {
  if (atol.ndim === 0) return atol;
  const least = atol.min();
  return concatenate(
    parts.map((size) =>
      size === atol.size ? atol : full([size], 1).astype(atol.dtype).mul(least),
    ),
  );
}
