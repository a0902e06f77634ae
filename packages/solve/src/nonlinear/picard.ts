/**
 * Fixed points by repeating x <- f(x), and faster by Anderson's method, which takes the combination of
 * the last points whose residuals nearly cancel: x + r - (dX + dR)' w, where w minimizes |r - dR' w|.
 *
 * Anderson, *Iterative procedures for nonlinear integral equations*, J. ACM 12 (1965) 547; Walker and Ni,
 * *Anderson acceleration for fixed-point iterations*, SIAM J. Numer. Anal. 49 (2011) 1715.
 */

import {
  arange,
  eye,
  linalg,
  logicalAnd,
  matmul,
  mod,
  stopGradient,
  type Tensor,
  tensor,
  where,
  whileLoop,
  zeros,
} from '@grad/core';
import type { Iteration, IterationLimits } from './iteration.ts';
import { codeFor } from './status.ts';

/** A fixed point of f by repeating it. */
export function picard(
  f: (x: Tensor) => Tensor,
  x0: Tensor,
  { tol, maxIterations }: IterationLimits,
): Iteration {
  const end = whileLoop(
    ({ x, image, iterations }) =>
      logicalAnd(distance(image, x).gt(tol), iterations.lt(maxIterations)),
    ({ image, iterations }) => ({ x: image, image: f(image), iterations: iterations.add(1) }),
    { x: x0, image: f(x0), iterations: tensor(0, { dtype: 'int32' }) },
  );
  return ended(end, tol);
}

function distance(image: Tensor, x: Tensor): Tensor {
  return stopGradient(image).sub(stopGradient(x)).abs().max();
}

function ended(
  {
    x,
    image,
    iterations,
  }: { readonly x: Tensor; readonly image: Tensor; readonly iterations: Tensor },
  tol: number,
): Iteration {
  const residual = image.sub(x).abs().max();
  return { x, residual, iterations, code: codeFor(residual, tol, tensor(false)) };
}

/** A fixed point of f by Anderson's method with some points before the newest in memory. */
export function anderson(
  f: (x: Tensor) => Tensor,
  x0: Tensor,
  { tol, maxIterations, memory }: IterationLimits & { readonly memory: number },
): Iteration {
  const rows = arange(memory).expandDims(1);
  const empty = zeros([memory, x0.size]).astype(x0.dtype);
  const first = f(x0);
  const end = whileLoop(
    ({ x, image, iterations }) =>
      logicalAnd(distance(image, x).gt(tol), iterations.lt(maxIterations)),
    ({ x, image, changes, residuals, iterations }) => {
      const residual = image.sub(x);
      const weights = leastSquares(residuals, residual);
      const next = image.sub(matmul(weights, changes.add(residuals)));
      const after = f(next);
      const place = rows.eq(mod(iterations, memory));
      return {
        x: next,
        image: after,
        changes: where(place, next.sub(x), changes),
        residuals: where(place, after.sub(next).sub(residual), residuals),
        iterations: iterations.add(1),
      };
    },
    {
      x: x0,
      image: first,
      changes: empty,
      residuals: empty,
      iterations: tensor(0, { dtype: 'int32' }),
    },
  );
  return ended(end, tol);
}

/** w that minimizes |r - R' w|, by normal equations of scaled rows, with those of length 0 left out. */
function leastSquares(rows: Tensor, r: Tensor): Tensor {
  const lengths = rows.square().sum({ axis: 1 }).sqrt();
  const used = lengths.gt(0);
  const unit = rows.div(where(used, lengths, 1).expandDims(1));
  const n = unit.shape[0] ?? 0;
  const ridge = rows.dtype === 'float32' ? 1e-6 : 1e-13;
  const gram = matmul(unit, unit.transpose()).add(
    eye(n)
      .astype(rows.dtype)
      .mul(where(used, ridge, 1)),
  );
  const w = linalg.solve(gram, matmul(unit, r));
  return where(used, w.div(where(used, lengths, 1)), 0);
}
