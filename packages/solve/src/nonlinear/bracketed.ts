/**
 * Newton's method for one unknown, kept inside a bracket by bisection: where a step would leave the
 * bracket, or the one before shrank the residual by less than half, the bracket is halved instead. So it
 * converges wherever f is continuous and changes its sign.
 *
 * Press et al., *Numerical Recipes* (3rd ed. 2007), section 9.4.
 */

import {
  abs,
  grad,
  logicalAnd,
  logicalNot,
  logicalOr,
  maximum,
  minimum,
  sign,
  type Tensor,
  tensor,
  where,
  whileLoop,
} from '@grad/core';
import type { Iteration, IterationLimits } from './iteration.ts';
import { codeFor, statusCode } from './status.ts';

/** A root of f between the ends of a bracket, from a start inside. */
export function bracketed(
  f: (x: Tensor) => Tensor,
  x0: Tensor,
  [from, to]: readonly [Tensor, Tensor],
  { tol, maxIterations }: IterationLimits,
): Iteration {
  const value = (x: Tensor): Tensor => f(x.reshape([1])).at(0);
  const [lo, hi] = [minimum(from, to), maximum(from, to)];
  const [atLo, atHi] = [value(lo), value(hi)];
  const first = x0.at(0);
  const x = where(logicalAnd(first.gt(lo), first.lt(hi)), first, lo.add(hi).mul(0.5));
  const changes = sign(atLo).mul(sign(atHi)).le(0);
  const end = whileLoop(
    (at) =>
      logicalAnd(
        logicalAnd(changes, at.width.gt(0)),
        logicalAnd(abs(at.value).gt(tol), at.iterations.lt(maxIterations)),
      ),
    (at) => {
      const left = sign(at.value).eq(sign(atLo));
      const [below, above] = [where(left, at.x, at.lo), where(left, at.hi, at.x)];
      const slope = grad(value)(at.x);
      const middle = below.add(above.sub(below).mul(0.5));
      const newton = at.x.sub(at.value.div(where(slope.ne(0), slope, 1)));
      const inside = logicalAnd(newton.gt(below), newton.lt(above));
      const trusted = logicalAnd(logicalAnd(inside, slope.ne(0)), at.fast);
      const next = where(trusted, newton, middle);
      const after = value(next);
      return {
        x: next,
        value: after,
        lo: below,
        hi: above,
        // Where neither end moves any more, rounding allows no better root.
        width: minimum(abs(next.sub(below)), abs(above.sub(next))),
        fast: logicalOr(abs(after).le(abs(at.value).mul(0.5)), logicalNot(trusted)),
        iterations: at.iterations.add(1),
      };
    },
    {
      x,
      value: value(x),
      lo,
      hi,
      width: hi.sub(lo),
      fast: tensor(true),
      iterations: tensor(0, { dtype: 'int32' }),
    },
  );
  // An end may be the root itself.
  const [best, least] = [
    [lo, atLo],
    [hi, atHi],
  ].reduce<readonly [Tensor, Tensor]>(
    ([at, v], [edge, w]) => {
      const closer = w && edge ? w.abs().lt(v.abs()) : tensor(false);
      return [where(closer, edge ?? at, at), where(closer, w ?? v, v)];
    },
    [end.x, end.value],
  );
  const residual = abs(least);
  const ended = codeFor(residual, tol, end.width.le(0));
  return {
    x: best.reshape([1]),
    residual,
    iterations: end.iterations,
    code: where(logicalOr(changes, residual.le(tol)), ended, statusCode('noSignChange')),
  };
}
