import { zeros } from '../../functions/create.ts';
import { add, div, gt, logicalAnd, lt, mul, ne, sub, where } from '../../functions/elementwise.ts';
import { dot } from '../../functions/matmul.ts';
import { tensor } from '../../functions/tensor.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { whileLoop } from '../while-loop.ts';
import { reportOf } from './conjugate-gradient.ts';
import type { KrylovLimits } from './krylov-options.ts';
import { type Apply, norm, type SolveReport } from './solution.ts';

/** A quotient, 0 where it is not to be trusted. */
function ratio(x: Tensor, y: Tensor): Tensor {
  const fine = ne(y, 0);
  return where(fine, div(x, where(fine, y, 1)), 0);
}

/**
 * BiCGStab, for any matrix, with the preconditioner on the right. An iteration takes two products with
 * the matrix. It ends without success where it breaks down.
 *
 * van der Vorst, Bi-CGSTAB: A Fast and Smoothly Converging Variant of Bi-CG (1992).
 */
export function biConjugateGradient(
  apply: Apply,
  precondition: Apply,
  b: Tensor,
  { tolerance, maxIterations }: KrylovLimits,
): [Tensor, SolveReport] {
  const size = norm(b);
  const goal = mul(size, tolerance);
  const zero = zeros(b.shape, { dtype: b.dtype });
  const one = tensor(1, { dtype: b.dtype });
  const state = whileLoop(
    ({ error, steps, goes }) =>
      logicalAnd(logicalAnd(gt(error, goal), goes), lt(steps, maxIterations)),
    (at) => {
      const rho = dot(b, at.rest);
      const beta = mul(ratio(rho, at.rho), ratio(at.alpha, at.omega));
      const p = add(at.rest, mul(beta, sub(at.p, mul(at.omega, at.v))));
      const towards = precondition(p);
      const v = apply(towards);
      const alpha = ratio(rho, dot(b, v));
      const half = sub(at.rest, mul(alpha, v));
      const second = precondition(half);
      const t = apply(second);
      const omega = ratio(dot(t, half), dot(t, t));
      const rest = sub(half, mul(omega, t));
      return {
        x: add(add(at.x, mul(alpha, towards)), mul(omega, second)),
        rest,
        p,
        v,
        rho,
        alpha,
        omega,
        error: norm(rest),
        goes: logicalAnd(ne(alpha, 0), ne(omega, 0)),
        steps: add(at.steps, 1),
      };
    },
    {
      x: zero,
      rest: b,
      p: zero,
      v: zero,
      rho: one,
      alpha: one,
      omega: one,
      error: size,
      goes: tensor(true),
      steps: tensor(0, { dtype: 'int32' }),
    },
  );
  return [state.x, reportOf(apply, state.x, b, { tolerance, steps: state.steps })];
}
