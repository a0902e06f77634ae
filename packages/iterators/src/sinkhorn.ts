/**
 * Entropic optimal transport in the domain of logarithms. With potentials f and g the plan is
 * P_ij = a_i b_j exp((f_i + g_j - C_ij) / eps), and f, g maximize
 *
 *   <f, a> + <g, b> - eps (sum P - sum a sum b),
 *
 * where <f, a> is replaced by -rho <exp(-f / rho) - 1, a> and likewise <g, b> when the marginals of P may
 * differ from a and b at the price of rho times their Kullback-Leibler divergence. The maximum over g for
 * given f, and over f for given g, are weighted log-sum-exps, shrunk by rho / (rho + eps); taking turns is
 * Sinkhorn's iteration. Between fixed marginals f is known up to a constant, which is chosen so that
 * <f, a> = 0: then the equation has one solution and its derivative exists.
 */

import {
  type AsyncOptions,
  exp,
  expm1,
  isConcrete,
  log,
  ShapeError,
  stopGradient,
  type Tensor,
  type TensorLike,
  tensor,
  where,
  zeros,
} from '@grad/core';
import { checkNumber } from './check.ts';
import { distribution } from './distribution.ts';
import {
  readSearch,
  runSearch,
  runSearchAsync,
  type SearchEnd,
  type SearchOptions,
  search,
  type WithStatus,
} from './search.ts';

/** Options of `sinkhorn`. */
export interface SinkhornOptions extends SearchOptions {
  /**
   * Weight of the entropy, in units of the cost: above 0. The smaller it is, the nearer the plan is to the
   * optimal one and the longer it takes.
   */
  readonly epsilon: number;
  /**
   * Price of a difference between the marginals of the plan and those asked for, in units of the cost;
   * they are kept exactly when left out.
   */
  readonly marginalPenalty?: number;
}

/** A plan of transport. */
export interface Transport extends SearchEnd {
  /** Mass that goes from i to j: shape [n, m]. */
  readonly plan: Tensor;
  /** The sum of cost times plan. */
  readonly cost: Tensor;
  /** What the plan minimizes: cost, entropy and marginal penalties. Its derivative in the cost is the plan. */
  readonly regularizedCost: Tensor;
  /** Potentials f, shape [n], and g, shape [m]. */
  readonly potentials: readonly [Tensor, Tensor];
}

/**
 * Entropic optimal transport from shares a to shares b: the plan P with marginals a and b that minimizes
 * sum C P + epsilon KL(P | a b'), by Sinkhorn's iteration in one compiled loop.
 *
 * Of a and b only shares matter, unless there is a `marginalPenalty`: then they are masses. The plan and
 * the costs can be differentiated in the cost matrix and both marginals by the implicit function theorem,
 * in both modes and any order.
 *
 * @param cost shape [n, m]
 * @param a shape [n], 0 or more; equal shares when undefined
 * @param b shape [m], 0 or more; equal shares when undefined
 * @throws ShapeError or RangeError that names what is wrong with an argument or option.
 * @see M. Cuturi, Sinkhorn distances (2013); G. Peyré and M. Cuturi, Computational Optimal Transport (2019),
 * sections 4.4 and 10.2.
 */
export function sinkhorn(
  cost: TensorLike,
  a: TensorLike | undefined,
  b: TensorLike | undefined,
  options: SinkhornOptions,
): WithStatus<Transport> {
  const problem = prepare(cost, a, b, options);
  return runSearch(() => transport(problem));
}

/** The same, in slices between which other tasks have their turn. */
sinkhorn.async = async (
  cost: TensorLike,
  a: TensorLike | undefined,
  b: TensorLike | undefined,
  { signal, onProgress, ...options }: SinkhornOptions & AsyncOptions,
): Promise<WithStatus<Transport>> => {
  const problem = prepare(cost, a, b, options);
  const how = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  return await runSearchAsync(() => transport(problem), how);
};

interface Problem {
  readonly C: Tensor;
  readonly a: Tensor;
  readonly b: Tensor;
  readonly eps: number;
  readonly rho: number | undefined;
  readonly how: Required<SearchOptions>;
}

function prepare(
  cost: TensorLike,
  a: TensorLike | undefined,
  b: TensorLike | undefined,
  { epsilon, marginalPenalty, ...options }: SinkhornOptions,
): Problem {
  const how = readSearch('sinkhorn', options, { damping: 0, more: ['epsilon', 'marginalPenalty'] });
  const positive = (x: number): boolean => x > 0 && Number.isFinite(x);
  checkNumber('sinkhorn', 'epsilon', epsilon, positive, 'a finite number above 0');
  if (marginalPenalty !== undefined) {
    checkNumber(
      'sinkhorn',
      'marginalPenalty',
      marginalPenalty,
      positive,
      'a finite number above 0',
    );
  }
  const C = tensor(cost, { dtype: 'float64' });
  const [n, m] = C.shape;
  if (C.ndim !== 2 || !n || !m) {
    throw new ShapeError(
      `sinkhorn: the cost has shape [${C.shape.join(', ')}]; give a matrix with a row for each share of a and a column for each share of b.`,
    );
  }
  if (isConcrete(C)) {
    C.read((values) => {
      const wrong = values.findIndex((x) => !Number.isFinite(x));
      if (wrong >= 0) {
        throw new RangeError(
          `sinkhorn: the cost is ${values[wrong]} at (${Math.floor(wrong / m)}, ${wrong % m}); give finite numbers.`,
        );
      }
    });
  }
  const masses = (name: string, given: TensorLike | undefined, count: number): Tensor => {
    const shares = distribution(`sinkhorn: ${name}`, given, count, 'entries');
    return marginalPenalty === undefined || given === undefined
      ? shares
      : tensor(given, { dtype: 'float64' });
  };
  return { C, a: masses('a', a, n), b: masses('b', b, m), eps: epsilon, rho: marginalPenalty, how };
}

function transport({ C, a, b, eps, rho, how }: Problem): Transport {
  const shrink = rho === undefined ? 1 : rho / (rho + eps);
  const potential = (f: Tensor, cost: Tensor, weights: Tensor): Tensor =>
    weightedLogSumExp(f.sub(cost).div(eps), weights).mul(-eps * shrink);
  const Ct = C.transpose();
  const toB = (f: Tensor): Tensor => potential(f, Ct, a);
  const turn = (f: Tensor): Tensor => {
    const next = potential(toB(f), C, b);
    return rho === undefined ? next.sub(next.mul(a).sum()) : next;
  };
  const { x: f, ...end } = search(turn, zeros([a.size]), how);
  const g = toB(f);
  const density = exp(f.expandDims(1).add(g).sub(C).div(eps));
  const plan = density.mul(a.expandDims(1)).mul(b);
  const excess = plan.sum().sub(a.sum().mul(b.sum())).mul(eps);
  return {
    ...end,
    plan,
    cost: plan.mul(C).sum(),
    regularizedCost: reward(f, a, rho)
      .add(reward(g, b, rho))
      .sub(excess),
    potentials: [f, g],
  };
}

function reward(f: Tensor, a: Tensor, rho: number | undefined): Tensor {
  const gain = rho === undefined ? f : expm1(f.div(-rho)).mul(-rho);
  return gain.mul(a).sum();
}

/** ln(sum over columns of weight exp(x)) for each row; columns without weight do not matter. */
function weightedLogSumExp(x: Tensor, weights: Tensor): Tensor {
  const held = where(weights.gt(0), x, Number.NEGATIVE_INFINITY);
  const top = stopGradient(held).max({ axis: 1, keepdims: true });
  // A column without weight may be far above the others.
  const relative = where(weights.gt(0), x.sub(top), 0);
  return log(exp(relative).mul(weights).sum({ axis: 1 })).add(top.reshape([top.size]));
}
