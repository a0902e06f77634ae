/**
 * The derivative of A = U S V', with E = U' dA V (Townsend, Differentiating the singular value
 * decomposition (2016); Giles, Collected matrix derivative results for forward and reverse mode algorithmic
 * differentiation (2008), in the form of sums and differences):
 *
 *     ds_i = E_ii,
 *     dU = U (P + Q) / 2 + (I - U U') dA V / s,      P_ij = (E_ij + E_ji) / (s_j - s_i),
 *     dV = V (P - Q) / 2 + (I - V V') dA' U / s,     Q_ij = (E_ij - E_ji) / (s_i + s_j).
 *
 * A term whose divisor is zero up to rounding is zero. Vectors of one singular value therefore turn together, by
 * Q alone, so that what does not depend on the choice of them, such as U V', has the right derivative.
 * Vectors of whole bases that have no singular value move only as they must to stay orthogonal to the others.
 */
import { sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { add, mul, neg, sub } from './arithmetic.ts';
import { concatenate } from './concatenate.ts';
import { filledLike } from './create.ts';
import type { CallablePrimitive, TangentMap } from './define.ts';
import { diagonalEquation, sameUnits } from './diagonal-equation.ts';
import { matrixTranspose } from './matrices.ts';
import { multiply, rows } from './matrix.ts';
import { reduceSum } from './reduce.ts';
import { reshape } from './reshape.ts';
import { packingOf, type SvdParams, unpackSvd } from './svd-packing.ts';

/** Result and tangent map of the decomposition. */
export function linearizeSvd(
  svd: CallablePrimitive<1, SvdParams>,
  x: Tensor,
  { vectors }: SvdParams,
): readonly [Tensor, TangentMap] {
  const params = { vectors: vectors === 'full' ? 'full' : 'thin' } as const;
  const packed = svd(x, params);
  const { m, n, short } = packingOf(x.shape, params);
  const lead = x.shape.slice(0, -2);
  const all = unpackSvd(packed, x.shape, params);
  const { s } = all;
  const [u, v] = [rows(all.u, 0, short), rows(all.v, 0, short)];
  /** Of `u dA`, the diagonal of `u dA v'`. */
  const diagonal = (half: Tensor): Tensor => reduceSum(mul(half, v), { axes: [lead.length + 1] });
  if (vectors === 'none') {
    return [reshape(s, { shape: [...lead, short] }), (dx) => diagonal(multiply(u, dx))];
  }
  const middle = multiply(multiply(u, x), matrixTranspose(v));
  const long = Math.max(m, n);
  const solve = (right: 0 | 1 | -1, units: number, r: Tensor): Tensor =>
    diagonalEquation(s, middle, r, { right, units });
  /** What vectors do that turn among themselves by half of a matrix. */
  const turned = (turn: Tensor, basis: Tensor): Tensor => {
    const product = multiply(matrixTranspose(turn), basis);
    return mul(filledLike(product, 0.5), product);
  };
  /** What they do out of the space that they span. */
  const outside = (moved: Tensor, basis: Tensor): Tensor => {
    const along = multiply(multiply(moved, matrixTranspose(basis)), basis);
    return solve(0, long, sub(moved, along));
  };
  const flat = (t: Tensor): Tensor =>
    reshape(t, { shape: [...lead, sizeOf(t.shape.slice(lead.length))] });
  return [
    packed,
    (dx) => {
      const half = multiply(u, dx);
      const e = multiply(half, matrixTranspose(v));
      const p = solve(-1, sameUnits * short, neg(add(e, matrixTranspose(e))));
      const q = solve(1, long, sub(e, matrixTranspose(e)));
      let du = turned(add(p, q), u);
      let dv = turned(sub(p, q), v);
      if (m > n) du = add(du, outside(multiply(v, matrixTranspose(dx)), u));
      if (n > m) dv = add(dv, outside(half, v));
      return concatenate(
        [flat(withOthers(all.u, u, du)), diagonal(half), flat(withOthers(all.v, v, dv))],
        { axis: lead.length },
      );
    },
  ];
}

/** The tangent of a whole basis, given that of its first vectors. */
function withOthers(all: Tensor, basis: Tensor, moved: Tensor): Tensor {
  const [count = 0, total = 0] = [basis.shape.at(-2), all.shape.at(-2)];
  if (count === total) return moved;
  const others = rows(all, count, total - count);
  const back = neg(multiply(multiply(others, matrixTranspose(moved)), basis));
  return concatenate([moved, back], { axis: all.shape.length - 2 });
}
