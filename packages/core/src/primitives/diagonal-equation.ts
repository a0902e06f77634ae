import { roundingUnit } from '../tensor/dtype.ts';
import { type Tensor, typeOf } from '../tensor/tensor.ts';
import { add, mul, neg, sub } from './arithmetic.ts';
import { broadcast } from './broadcast.ts';
import { isLinear } from './cotangent.ts';
import { type CallablePrimitive, definePrimitive } from './define.ts';
import { alignBatch } from './elementwise.ts';
import { matrixTranspose } from './matrices.ts';
import { multiply } from './matrix.ts';
import { reciprocalBeyond, shareOfLargest } from './reciprocal-beyond.ts';

/** Values whose distance is below so many rounding units of the largest, times n, count as one. */
export const sameUnits = 16;

export interface EquationParams {
  /** How much of X M there is. */
  readonly right: 0 | 1 | -1;
  /** Divisors up to so many rounding units of the largest of s count as zero. */
  readonly units: number;
}

/**
 * The X with `M X + right X M = R` for M = diag(s), element by element, in which elements whose
 * divisor is zero up to rounding are zero. Operands are s `[..., 1, k]`, M `[..., k, k]` and R `[..., k, c]`.
 *
 * Derivatives of eigenvectors and singular vectors are of this form. M is V' A V there, diagonal at the point
 * in question, but its derivative is not: between vectors of one eigenvalue it has elements off the diagonal,
 * which decide on second derivatives. So the tangent of X is the solution for dR - dM X - right X dM,
 * and all orders follow. M itself is not read.
 */
export const diagonalEquation: CallablePrimitive<3, EquationParams> = definePrimitive({
  name: 'diagonalEquation',
  arity: 3,
  type: ([, , r], _: EquationParams) => r,
  linear: { in: [2], as: 'each' },
  linearize: ([s, m, r], params) => {
    const x = diagonalEquation(s, m, r, params);
    return [
      x,
      null,
      (dm) => {
        const before = multiply(neg(dm), x);
        if (params.right === 0) return diagonalEquation(s, m, before, params);
        const after = multiply(x, dm);
        const change = params.right === 1 ? sub(before, after) : add(before, after);
        return diagonalEquation(s, m, change, params);
      },
      (dr) => diagonalEquation(s, m, dr, params),
    ];
  },
  transpose: (ct, [s, m, r], params) => {
    if (isLinear(s) || isLinear(m) || !isLinear(r)) return;
    r.add(diagonalEquation(s, m, ct, params));
  },
  vmap: (operands, batched, params) => {
    const [s, m, r] = alignBatch(operands, batched);
    if (!s || !m || !r) throw new Error('unreachable');
    return diagonalEquation(s, m, r, params);
  },
  decompose: ([s, , r], { right, units }) => {
    const axes = r.shape.map((_, axis) => axis);
    const spread = (t: Tensor): Tensor => broadcast(t, { shape: r.shape, axes });
    const [own, bound] = [
      matrixTranspose(s),
      shareOfLargest(s, units * roundingUnit(typeOf(s).dtype)),
    ];
    if (right === 0) {
      return mul(spread(reciprocalBeyond(own, broadcast(bound, { shape: own.shape, axes }))), r);
    }
    const divisor = (right === 1 ? add : sub)(spread(own), spread(s));
    return mul(reciprocalBeyond(divisor, spread(bound)), r);
  },
});
