/**
 * The stationary distribution of a random walk that now and then jumps. In one step a reader on
 * page i follows a link with probability alpha, link ij with the share P_ij = w_ij / W_i where W_i
 * is the weight of all its links (a page without any, W_i = 0, is left by the distribution d), and
 * else jumps by the distribution v:
 *
 *   p = alpha (P' p + d sum_{i: W_i = 0} p_i) + (1 - alpha) v.
 *
 * That is the linear system (alpha M - I) p = (alpha - 1) v. Its derivatives are systems with the same
 * matrix and with its transpose, and x <- alpha M x - b solves them all, since it shrinks distances by
 * alpha. The start -b / (1 - alpha), which is v, makes it faster: the error is then (I - alpha M)^-1
 * alpha (M - I) b / (1 - alpha), without any part along the eigenvalue 1 that M has (its columns sum to
 * 1), which would die out slowest.
 */

import {
  arange,
  implicitLinearSolve,
  logicalAnd,
  segmentSum,
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
  /** Change to stop at, as a share of a sum of absolute values, which for the distribution is 1. */
  readonly tol: Tensor;
  /** Steps after which the derivative's iteration has converged to rounding. */
  readonly derivativeSteps: Tensor;
}

/** What an iteration has to say. */
interface Report {
  readonly residual: Tensor;
  readonly iterations: Tensor;
  /** Changes by iteration, the rest 0. */
  readonly residuals: Tensor;
}

/** The stationary distribution, and how the iteration came to it. */
export interface Stationary extends Report {
  readonly scores: Tensor;
}

/**
 * Finds the stationary distribution: the solution of (alpha M - I) p = (alpha - 1) v, with the
 * derivatives that solutions of linear systems have.
 */
export function stationary(walk: Walk, nodes: number, maxIterations: number): Stationary {
  const { from, to, weights, jumps, dangling, alpha, derivativeSteps } = walk;
  const totals = segmentSum(weights, from, { count: nodes });
  const linked = totals.gt(0);
  const shares = where(take(linked, from), weights.div(take(where(linked, totals, 1), from)), 0);
  const follow = (p: Tensor): Tensor => {
    const followed = segmentSum(take(p, from).mul(shares), to, { count: nodes });
    return followed.add(dangling.mul(sum(where(linked, 0, p)))).mul(alpha);
  };
  const limits = { maxIterations, derivativeSteps };
  const [{ x: scores }, report] = implicitLinearSolve<Unknowns, Report>(
    ({ x, whole }) => ({ x: follow(x).sub(x), whole }),
    { x: jumps.mul(alpha.sub(1)), whole: tensor(1) },
    {
      solve: (_, b) => repeat(follow, b, walk, limits),
      transposeSolve: (matvec, b) =>
        repeat((x) => matvec({ x, whole: b.whole }).x.add(x), b, walk, limits),
      hasAux: true,
    },
  );
  return { scores, ...report };
}

/** What is solved for: the distribution, or how it moves. */
type Unknowns = {
  x: Tensor;
  /** 1 for the distribution itself, so 0 for all of its derivatives, which have a limit of their own. */
  whole: Tensor;
};

/** How many steps are made at most. */
interface Limits {
  readonly maxIterations: number;
  readonly derivativeSteps: Tensor;
}

/** x with map(x) - x = b, by x <- map(x) - b, until it changes by no more than `tol` of itself. */
function repeat(
  map: (x: Tensor) => Tensor,
  { x: b, whole }: Unknowns,
  { alpha, tol }: Walk,
  { maxIterations, derivativeSteps }: Limits,
): [Unknowns, Report] {
  const places = arange(maxIterations);
  const start = b.div(alpha.sub(1));
  const most = where(whole.eq(1), maxIterations, derivativeSteps);
  const { x, size, ...report } = whileLoop(
    ({ size, residual, iterations }) => logicalAnd(residual.gt(tol.mul(size)), iterations.lt(most)),
    ({ x, iterations, residuals }) => {
      const next = map(x).sub(b);
      const residual = next.sub(x).abs().sum();
      return {
        x: next,
        size: next.abs().sum(),
        residual,
        iterations: iterations.add(1),
        residuals: where(places.eq(iterations), residual, residuals),
      };
    },
    {
      x: start,
      size: tensor(1),
      residual: tensor(Number.POSITIVE_INFINITY),
      iterations: tensor(0, { dtype: 'int32' }),
      residuals: zeros([maxIterations]),
    },
  );
  return [{ x, whole }, report];
}
