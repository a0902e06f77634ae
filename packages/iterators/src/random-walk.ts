/**
 * The stationary distribution of a random walk that now and then jumps. In one step a reader on
 * page i follows a link with probability alpha, link ij with the share P_ij = w_ij / W_i where W_i
 * is the weight of all its links (a page without any, W_i = 0, is left by the distribution d), and
 * else jumps by the distribution v:
 *
 *   p = alpha (P' p + d sum_{i: W_i = 0} p_i) + (1 - alpha) v.
 *
 * The map p -> alpha M p + (1 - alpha) v shrinks distances by alpha, so repeating it converges. The
 * derivative needs (alpha M - I) x = b and its transpose, and x <- x + (alpha M x - x - b) converges
 * likewise. The start -b / (1 - alpha) makes it faster: the error is then (I - alpha M)^-1 alpha
 * (M - I) b / (1 - alpha), without any part along the eigenvalue 1 that M has (its columns sum to 1),
 * which would die out slowest.
 */

import {
  arange,
  implicitRoot,
  logicalAnd,
  segmentSum,
  stopGradient,
  sum,
  type Tensor,
  take,
  tensor,
  where,
  whileLoop,
  zeros,
} from '@grad/core';

/** A walk: what it may depend on smoothly, and the links. */
export interface Walk {
  readonly from: Tensor;
  readonly to: Tensor;
  readonly weights: Tensor;
  /** Where jumps lead. */
  readonly jumps: Tensor;
  /** Where pages without links lead. */
  readonly dangling: Tensor;
  readonly alpha: Tensor;
  /** Change of the distribution, as a sum of absolute values, to stop at. */
  readonly tol: Tensor;
  /** Steps after which the derivative's iteration has converged to rounding. */
  readonly derivativeSteps: Tensor;
}

/** The end of an iteration. */
export interface Stationary {
  readonly scores: Tensor;
  readonly residual: Tensor;
  readonly iterations: Tensor;
  /** Changes by iteration, the rest 0. */
  readonly residuals: Tensor;
}

/** Finds the stationary distribution; its derivatives are those of the equation. */
export function stationary(walk: Walk, nodes: number, maxIterations: number): Stationary {
  const { from, to, weights, jumps, dangling, alpha, tol } = walk;
  const totals = segmentSum(weights, from, { count: nodes });
  const linked = totals.gt(0);
  const shares = where(take(linked, from), weights.div(take(where(linked, totals, 1), from)), 0);

  const step = (p: Tensor, [s, d, v]: Parameters): Tensor => {
    const followed = segmentSum(take(p, from).mul(s), to, { count: nodes });
    const lost = sum(where(linked, 0, p));
    return followed
      .add(d.mul(lost))
      .mul(alpha)
      .add(v.mul(alpha.neg().add(1)));
  };
  const parameters: Parameters = [shares, dangling, jumps];
  const found = repeat(
    (p) => step(p, stopGradient(parameters)),
    stopGradient(jumps),
    tol,
    maxIterations,
  );
  const scores = implicitRoot(
    (p: Tensor, at: Parameters) => step(p, at).sub(p),
    () => found.scores,
    parameters,
    { linearSolve: (matvec, b) => relax(matvec, b, walk) },
  );
  return { ...found, scores };
}

/** What the equation depends on: shares of links, dangling pages, jumps. */
type Parameters = readonly [shares: Tensor, dangling: Tensor, jumps: Tensor];

/** p <- step(p) until it changes by no more than `tol`. */
function repeat(
  step: (p: Tensor) => Tensor,
  start: Tensor,
  tol: Tensor,
  maxIterations: number,
): Stationary {
  const places = arange(maxIterations);
  return whileLoop(
    ({ residual, iterations }) => logicalAnd(residual.gt(tol), iterations.lt(maxIterations)),
    ({ scores, iterations, residuals }) => {
      const next = step(scores);
      const residual = next.sub(scores).abs().sum();
      return {
        scores: next,
        residual,
        iterations: iterations.add(1),
        residuals: where(places.eq(iterations), residual, residuals),
      };
    },
    {
      scores: start,
      residual: tensor(Number.POSITIVE_INFINITY),
      iterations: tensor(0, { dtype: 'int32' }),
      residuals: zeros([maxIterations]),
    },
  );
}

/** x with (alpha M - I) x = b, or with the transpose, where `matvec` is alpha M - I. */
function relax(
  matvec: (x: Tensor) => Tensor,
  b: Tensor,
  { alpha, tol, derivativeSteps }: Walk,
): Tensor {
  const start = b.div(alpha.sub(1));
  const { x } = whileLoop(
    ({ x, change, steps }) =>
      logicalAnd(change.abs().sum().gt(tol.mul(x.abs().sum())), steps.lt(derivativeSteps)),
    ({ x, change, steps }) => {
      const next = x.add(change);
      return { x: next, change: matvec(next).sub(b), steps: steps.add(1) };
    },
    { x: start, change: matvec(start).sub(b), steps: tensor(0, { dtype: 'int32' }) },
  );
  return x;
}
