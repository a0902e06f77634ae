/**
 * Rosenbrock methods: each stage solves one linear system with W = I / (h gamma) - J, where J = df/dy
 * comes from forward mode, so that there are no iterations that might not converge, and derivatives of
 * the steps are exact. W u_i = f(y + sum a_ij u_j) + sum C_ij u_j / h + h d_i df/dt.
 *
 * Hairer and Wanner, *Solving Ordinary Differential Equations II* (2nd ed. 1996), section IV.7.
 */

import { eye, jacfwd, jvp, linalg, mul, ones, type Tensor, take } from '@grad/core';
import { combination } from './combination.ts';
import type { AdaptiveMethod, Slope } from './method.ts';
import type { RosenbrockTableau } from './tableaus/rodas5p.ts';

/** A stiffly accurate Rosenbrock method of order 5 whose last two stages only correct the one before. */
export function rosenbrockMethod(
  name: string,
  { gamma, c, d, a, C, dense }: RosenbrockTableau,
): AdaptiveMethod {
  return {
    name,
    errorOrder: 5,
    controller: { integral: 1, proportional: 0 },
    // The stages, and the change over the step.
    stages: c.length + 1,
    evaluations: c.length,
    realStability: Number.POSITIVE_INFINITY,
    start: () => [],

    step: (f, t, y, _, h) => {
      const solve = systemSolver(f, t, y, h.mul(gamma));
      const [, inTime] = jvp((time: Tensor) => f(time, y), [t], [ones([]).astype(t.dtype)]);
      const stages: Tensor[] = [];
      let point = y;
      c.forEach((share, i) => {
        const row = a[i - 1];
        const newest = stages.at(-1);
        if (row) point = y.add(combination(row, stages));
        else if (newest) point = point.add(newest);
        const weights = C[i - 1];
        const slope = f(share === 0 ? t : t.add(mul(h, share)), point);
        const pulled = weights ? slope.add(combination(weights, stages).div(h)) : slope;
        stages.push(solve(d[i] ? pulled.add(mul(inTime, mul(h, d[i]))) : pulled));
      });
      const error = stages.at(-1) ?? y;
      const end = point.add(error);
      return {
        y: end,
        memory: [],
        stages: [...stages, end.sub(y)],
        errors: [error],
        stiffness: null,
      };
    },

    interpolant: (_, { stages }) => {
      // y0 + theta (change + (1 - theta) (k1 + theta (k2 + theta k3))), by powers of theta.
      const change = stages.at(-1);
      const [k1, k2, k3] = dense.map((weights) => combination(weights, stages.slice(0, -1)));
      if (!change || !k1 || !k2 || !k3) throw new Error(`${name} keeps no stages.`);
      return [change.add(k1), k2.sub(k1), k3.sub(k2), k3.neg()];
    },
  };
}

/** Solves systems with I / h - df/dy, by factors that are computed once. */
function systemSolver(f: Slope, t: Tensor, y: Tensor, h: Tensor): (b: Tensor) => Tensor {
  const jacobian = jacfwd((at: Tensor) => f(t, at))(y);
  const n = y.size;
  // Times h, so that a small step does not make it large.
  const system = eye(n, n).astype(y.dtype).sub(jacobian.mul(h));
  const { permutation, l, u } = linalg.lu(system);
  return (b) => {
    const forward = linalg.triangularSolve(l, take(b.mul(h), permutation), { unitDiagonal: true });
    return linalg.triangularSolve(u, forward, { lower: false });
  };
}
