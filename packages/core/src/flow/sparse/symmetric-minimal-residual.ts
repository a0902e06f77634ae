import { zeros } from '../../functions/create.ts';
import {
  div,
  gt,
  logicalAnd,
  lt,
  mul,
  neg,
  sqrt,
  sub,
  where,
} from '../../functions/elementwise.ts';
import { dot } from '../../functions/matmul.ts';
import { tensor } from '../../functions/tensor.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { whileLoop } from '../while-loop.ts';
import { reportOf } from './conjugate-gradient.ts';
import type { KrylovLimits } from './krylov-options.ts';
import { type Apply, norm, type SolveReport } from './solution.ts';

function quotient(x: Tensor, y: Tensor): Tensor {
  const some = gt(y, 0);
  return where(some, div(x, where(some, y, 1)), 0);
}

/**
 * MINRES, for a symmetric matrix, definite or not, with a positive definite preconditioner: Lanczos's
 * recurrence, whose small tridiagonal problem is kept solved by rotations. It ends without success
 * where a product shows that the preconditioner is not positive definite.
 *
 * Paige and Saunders, Solution of Sparse Indefinite Systems of Linear Equations (1975).
 */
export function symmetricMinimalResidual(
  apply: Apply,
  precondition: Apply,
  b: Tensor,
  { tolerance, maxIterations }: KrylovLimits,
): [Tensor, SolveReport] {
  const size = norm(b);
  const goal = mul(size, tolerance);
  const zero = zeros(b.shape, { dtype: b.dtype });
  const scalar = (x: number): Tensor => tensor(x, { dtype: b.dtype });
  const z = precondition(b);
  const length = sqrt(where(gt(dot(b, z), 0), dot(b, z), 0));
  const state = whileLoop(
    ({ error, steps, length: left }) =>
      logicalAnd(logicalAnd(gt(error, goal), gt(left, 0)), lt(steps, maxIterations)),
    (at) => {
      const direction = quotient(at.z, at.length);
      const image = apply(direction);
      const diagonal = dot(image, direction);
      const v = sub(
        sub(image, mul(quotient(diagonal, at.length), at.v)),
        mul(quotient(at.length, at.lengthBefore), at.vBefore),
      );
      const next = precondition(v);
      const square = dot(next, v);
      const newLength = sqrt(where(gt(square, 0), square, 0));
      const above = sub(mul(at.cos, diagonal), mul(mul(at.cosBefore, at.sin), at.length));
      const corner = sqrt(above.square().add(newLength.square()));
      const second = mul(at.sin, diagonal).add(mul(mul(at.cosBefore, at.cos), at.length));
      const third = mul(at.sinBefore, at.length);
      const cos = quotient(above, corner);
      const sin = quotient(newLength, corner);
      const w = quotient(sub(sub(direction, mul(third, at.wBefore)), mul(second, at.w)), corner);
      const rhs = neg(mul(sin, at.rhs));
      const rest = mul(sin.square(), at.rest).add(mul(mul(rhs, cos), quotient(v, newLength)));
      return {
        x: at.x.add(mul(mul(cos, at.rhs), w)),
        rest,
        error: norm(rest),
        v,
        vBefore: at.v,
        z: next,
        length: newLength,
        lengthBefore: at.length,
        w,
        wBefore: at.w,
        cos,
        cosBefore: at.cos,
        sin,
        sinBefore: at.sin,
        rhs,
        steps: at.steps.add(1),
      };
    },
    {
      x: zero,
      rest: b,
      error: size,
      v: b,
      vBefore: zero,
      z,
      length,
      lengthBefore: scalar(1),
      w: zero,
      wBefore: zero,
      cos: scalar(1),
      cosBefore: scalar(1),
      sin: scalar(0),
      sinBefore: scalar(0),
      rhs: length,
      steps: tensor(0, { dtype: 'int32' }),
    },
  );
  return [state.x, reportOf(apply, state.x, b, { tolerance, steps: state.steps })];
}
