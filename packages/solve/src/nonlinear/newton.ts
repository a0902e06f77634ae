/**
 * Newton's method: x + s d with f'(x) d = -f(x), where s is halved until the norm of f falls enough
 * (Dennis and Schnabel, *Numerical Methods for Unconstrained Optimization and Nonlinear Equations*, 1983, section 6.3).
 */

import {
  eye,
  jacfwd,
  jvp,
  linalg,
  logicalAnd,
  logicalNot,
  sparse,
  stopGradient,
  type Tensor,
  take,
  tensor,
  where,
  whileLoop,
} from '@grad/core';
import { directSize } from '../linear/linear-solve.ts';
import type { Iteration, IterationLimits } from './iteration.ts';
import { codeFor } from './status.ts';

/** A root of f from x0. */
export function newton(
  f: (x: Tensor) => Tensor,
  x0: Tensor,
  { tol, maxIterations }: IterationLimits,
): Iteration {
  const first = f(x0);
  const start = {
    x: x0,
    value: first,
    iterations: tensor(0, { dtype: 'int32' }),
    stalled: tensor(false),
  };
  const end = whileLoop(
    ({ value, iterations, stalled }) =>
      logicalAnd(
        logicalAnd(stopGradient(value).abs().max().gt(tol), iterations.lt(maxIterations)),
        logicalNot(stalled),
      ),
    ({ x, value, iterations }) => {
      const direction = newtonDirection(f, x, value);
      const size = length(value);
      const step = (share: Tensor) => {
        const next = x.add(direction.mul(share));
        return { share, next, after: f(next) };
      };
      const one = tensor(1, { dtype: x.dtype });
      const enough = (share: Tensor, after: Tensor): Tensor =>
        stopGradient(length(after)).le(stopGradient(size.mul(share.mul(-1e-4).add(1))));
      const { share, next, after } = whileLoop(
        (at) => logicalAnd(logicalNot(enough(at.share, at.after)), at.share.gt(1e-10)),
        (at) => step(at.share.mul(0.5)),
        step(one),
      );
      const better = enough(share, after);
      return {
        x: where(better, next, x),
        value: where(better, after, value),
        iterations: iterations.add(1),
        stalled: logicalNot(better),
      };
    },
    start,
  );
  const residual = end.value.abs().max();
  return {
    x: end.x,
    residual,
    iterations: end.iterations,
    code: codeFor(residual, tol, end.stalled),
  };
}

function length(x: Tensor): Tensor {
  const largest = stopGradient(x.abs().max());
  const scale = where(largest.gt(0), largest, 1);
  return x.div(scale).square().sum().sqrt().mul(scale);
}

/** d with f'(x) d = -f(x); where the matrix is singular, that of one beside it. */
function newtonDirection(f: (x: Tensor) => Tensor, x: Tensor, value: Tensor): Tensor {
  if (x.size > directSize) {
    const product = (v: Tensor): Tensor => jvp(f, [x], [v])[1];
    return sparse.gmres(product, value.neg(), { tolerance: 1e-8 }).x;
  }
  const { permutation, l, u } = linalg.lu(jacfwd((at: Tensor) => f(at))(x));
  const diagonal = linalg.diagonal(u);
  const size = u.abs().max();
  const least = where(size.gt(0), size, 1).mul(x.dtype === 'float32' ? 1e-7 : 1e-15);
  const lift = where(diagonal.abs().lt(least), least, 0);
  const upper = u.add(eye(x.size).astype(x.dtype).mul(lift));
  const half = linalg.triangularSolve(l, take(value.neg(), permutation), { unitDiagonal: true });
  return linalg.triangularSolve(upper, half, { lower: false });
}
