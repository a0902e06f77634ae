import { zeros } from '../../functions/create.ts';
import { dynamicSlice, dynamicUpdateSlice } from '../../functions/dynamic-slice.ts';
import {
  abs,
  add,
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
import { matmul } from '../../functions/matmul.ts';
import { reshape, transpose } from '../../functions/shape.ts';
import { tensor } from '../../functions/tensor.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { cond } from '../cond.ts';
import { foriLoop } from '../scan.ts';
import { whileLoop } from '../while-loop.ts';
import { reportOf } from './conjugate-gradient.ts';
import type { KrylovLimits } from './krylov-options.ts';
import { type Apply, norm, type SolveReport } from './solution.ts';

/** An element of a vector. */
function pick(x: Tensor, i: Tensor): Tensor {
  return reshape(dynamicSlice(x, [i], [1]), []);
}

function put(x: Tensor, i: Tensor, value: Tensor): Tensor {
  return dynamicUpdateSlice(x, reshape(value, [1]), [i]);
}

/**
 * GMRES, restarted, for any matrix, with the preconditioner on the right, so that the residual is that
 * of the system. Vectors are made orthogonal by Gram-Schmidt, twice where that is needed, and the small
 * least-squares problem is kept solved by rotations.
 *
 * Saad and Schultz, GMRES: A Generalized Minimal Residual Algorithm for Solving Nonsymmetric Linear
 * Systems (1986).
 */
export function minimalResidual(
  apply: Apply,
  precondition: Apply,
  b: Tensor,
  { tolerance, maxIterations, restart }: KrylovLimits & { readonly restart: number },
): [Tensor, SolveReport] {
  const { dtype } = b;
  const n = b.size;
  const m = Math.max(1, Math.min(restart, n));
  const goal = mul(norm(b), tolerance);
  const zero = tensor(0, { dtype: 'int32' });

  /** Up to m steps from x; gives the new x and the steps. */
  const cycle = (x: Tensor, rest: Tensor, taken: Tensor) => {
    const beta = norm(rest);
    const first = div(rest, where(gt(beta, 0), beta, 1));
    const basis = dynamicUpdateSlice(zeros([m + 1, n], { dtype }), reshape(first, [1, n]), [0, 0]);
    const grown = whileLoop(
      ({ j, error, goes }) =>
        logicalAnd(
          logicalAnd(gt(error, goal), goes),
          logicalAnd(lt(j, m), lt(add(j, taken), maxIterations)),
        ),
      (at) => {
        const newest = reshape(dynamicSlice(at.basis, [at.j, 0], [1, n]), [n]);
        const image = apply(precondition(newest));
        const once = matmul(at.basis, image);
        const nearly = sub(image, matmul(once, at.basis));
        // Once is enough unless much of the image was in the space already (Daniel et al. 1976).
        const [left, again] = cond(
          lt(mul(norm(nearly), Math.SQRT2), norm(image)),
          (basis: Tensor, v: Tensor) => {
            const rest = matmul(basis, v);
            return [sub(v, matmul(rest, basis)), rest] as const;
          },
          (basis: Tensor, v: Tensor) => [v, zeros([basis.shape[0] ?? 0], { dtype })] as const,
          at.basis,
          nearly,
        );
        const length = norm(left);
        const goes = gt(length, mul(norm(image), dtype === 'float64' ? 2 ** -50 : 2 ** -21));
        const next = where(goes, div(left, where(goes, length, 1)), 0);
        const column = foriLoop(
          0,
          m,
          (i, h) => {
            const [c, s] = [pick(at.cos, i), pick(at.sin, i)];
            const [upper, lower] = [pick(h, i), pick(h, i.add(1))];
            const turns = lt(i, at.j);
            const turned = put(h, i, where(turns, add(mul(c, upper), mul(s, lower)), upper));
            const below = where(turns, sub(mul(c, lower), mul(s, upper)), lower);
            return put(turned, i.add(1), below);
          },
          put(add(once, again), at.j.add(1), length),
        );
        const [upper, lower] = [pick(column, at.j), pick(column, at.j.add(1))];
        const size = sqrt(add(mul(upper, upper), mul(lower, lower)));
        const some = gt(size, 0);
        const safe = where(some, size, 1);
        const cos = where(some, div(upper, safe), 1);
        const sin = where(some, div(lower, safe), 0);
        const g = pick(at.rhs, at.j);
        const rhs = put(put(at.rhs, at.j, mul(cos, g)), at.j.add(1), neg(mul(sin, g)));
        const ended = put(put(column, at.j, size), at.j.add(1), tensor(0, { dtype }));
        return {
          basis: dynamicUpdateSlice(at.basis, reshape(next, [1, n]), [at.j.add(1), 0]),
          // Row j is column j of the triangle.
          triangle: dynamicUpdateSlice(at.triangle, reshape(ended, [1, m + 1]), [at.j, 0]),
          cos: put(at.cos, at.j, cos),
          sin: put(at.sin, at.j, sin),
          rhs,
          error: abs(pick(rhs, at.j.add(1))),
          goes,
          j: at.j.add(1),
        };
      },
      {
        basis,
        triangle: zeros([m, m + 1], { dtype }),
        cos: zeros([m], { dtype }),
        sin: zeros([m], { dtype }),
        rhs: put(zeros([m + 1], { dtype }), zero, beta),
        error: beta,
        goes: tensor(true),
        j: zero,
      },
    );
    const square = transpose(grown.triangle);
    const weights = foriLoop(
      0,
      m,
      (step, y) => {
        const i = sub(m - 1, step);
        const row = reshape(dynamicSlice(square, [i, 0], [1, m]), [m]);
        const corner = pick(row, i);
        const done = reshape(matmul(reshape(row, [1, m]), reshape(y, [m, 1])), []);
        const used = logicalAnd(lt(i, grown.j), gt(abs(corner), 0));
        const value = div(sub(pick(grown.rhs, i), done), where(used, corner, 1));
        return put(y, i, where(used, value, 0));
      },
      zeros([m], { dtype }),
    );
    const change = matmul(weights, dynamicSlice(grown.basis, [0, 0], [m, n]));
    return { x: add(x, precondition(change)), steps: grown.j };
  };

  const state = whileLoop(
    ({ error, steps, goes }) =>
      logicalAnd(logicalAnd(gt(error, goal), goes), lt(steps, maxIterations)),
    (at) => {
      const { x, steps } = cycle(at.x, at.rest, at.steps);
      const rest = sub(b, apply(x));
      const error = norm(rest);
      return { x, rest, error, steps: add(at.steps, steps), goes: lt(error, at.error) };
    },
    {
      x: zeros(b.shape, { dtype }),
      rest: b,
      error: norm(b),
      steps: zero,
      goes: tensor(true),
    },
  );
  return [state.x, reportOf(apply, state.x, b, { tolerance, steps: state.steps })];
}
