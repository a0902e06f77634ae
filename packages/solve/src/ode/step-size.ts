import {
  isfinite,
  maximum,
  minimum,
  pow,
  sign,
  sqrt,
  stopGradient,
  type Tensor,
  where,
} from '@grad/core';
import type { Slope } from './method.ts';
import type { ControllerGains } from './tableau.ts';

/** How step sizes follow from errors. */
export interface StepController extends ControllerGains {
  /** Share of the step size that is expected to do, to be on the safe side. */
  readonly safety: number;
  /** A step is at least this multiple of the one before. */
  readonly minFactor: number;
  /** A step is at most this multiple of the one before. */
  readonly maxFactor: number;
}

/** Tolerances of one solve. */
export interface Tolerances {
  readonly rtol: number;
  readonly atol: Tensor;
  /** Lengths of parts of the state that are measured apart; the largest counts. */
  readonly parts: readonly number[];
}

/** A root mean square of errors as multiples of what is tolerated, 1 where they just pass. */
export function errorNorm(
  errors: readonly Tensor[],
  before: Tensor,
  after: Tensor,
  { rtol, atol, parts }: Tolerances,
): Tensor {
  const scale = maximum(before.abs(), after.abs()).mul(rtol).add(atol);
  const squares = errors.map((error) => error.div(scale).square());
  let start = 0;
  const norms = parts.map((length) => {
    const all = squares.map((x) => x.at([start, start + length]).mean());
    start += length;
    return combined(all);
  });
  const [first = combined(squares.map((x) => x.mean())), ...rest] = norms;
  return stopGradient(rest.reduce((a, b) => maximum(a, b), first));
}

/** The estimates of orders 5 and 3 of DOP853 give one of order 7 (Hairer et al. 1993, II.10). */
function combined([fifth, third]: readonly Tensor[]): Tensor {
  if (fifth === undefined) throw new Error('A method has no error estimate.');
  if (third === undefined) return sqrt(fifth);
  const sum = fifth.add(third.mul(0.01));
  return fifth.div(sqrt(where(sum.gt(0), sum, 1)));
}

/** By what the step size is multiplied after a step with some error, given that of the step before. */
export function stepFactor(
  error: Tensor,
  errorBefore: Tensor,
  { safety, minFactor, maxFactor, integral, proportional }: StepController,
  order: number,
): Tensor {
  const now = pow(maximum(error, 1e-10), -(integral + proportional) / order);
  const then = proportional === 0 ? 1 : pow(maximum(errorBefore, 1e-4), proportional / order);
  const factor = minimum(maximum(now.mul(then).mul(safety), minFactor), maxFactor);
  return where(isfinite(error), factor, minFactor);
}

/**
 * A first step size, from f and how fast it changes, without its sign.
 *
 * Hairer, Nørsett and Wanner, *Solving Ordinary Differential Equations I* (2nd ed. 1993), II.4.
 */
export function firstStepSize(
  f: Slope,
  {
    t,
    y,
    slope,
    span,
  }: { readonly t: Tensor; readonly y: Tensor; readonly slope: Tensor; readonly span: Tensor },
  tolerances: Tolerances,
  order: number,
): Tensor {
  const norm = (x: Tensor): Tensor => errorNorm([x], y, y, tolerances);
  const [size, speed] = [norm(y), norm(slope)];
  const small = size.lt(1e-5).astype('int32').add(speed.lt(1e-5).astype('int32')).gt(0);
  const limit = span.abs();
  const guess = minimum(
    where(small, 1e-6, size.div(where(speed.gt(0), speed, 1)).mul(0.01)),
    limit,
  );
  const signed = guess.mul(sign(span));
  const later = f(t.add(signed), y.add(slope.mul(signed)));
  const change = norm(later.sub(slope)).div(where(guess.gt(0), guess, 1));
  const most = maximum(speed, change);
  const second = where(
    most.le(1e-15),
    maximum(guess.mul(1e-3), 1e-6),
    pow(where(most.gt(0), most, 1).mul(100), -1 / order),
  );
  const h = minimum(minimum(guess.mul(100), second), limit);
  return stopGradient(where(isfinite(h), h, limit.mul(1e-6)));
}
