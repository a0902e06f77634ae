/**
 * Determinants. The tangent of det A is the product <C, dA> with the matrix of cofactors, which is
 * det(A) A^-T for a regular matrix and still there for a singular one: of rank n - 1 it is not zero.
 *
 * Complete pivoting gives P A Q = L D W with unit triangular L and W, also of a singular matrix: where
 * a pivot is zero, so is all that is left. Cofactors of a product are the product of the cofactors.
 * Those of P, L, W and Q are their inverse transposes times their determinants, and those of D the
 * products of the other diagonal elements.
 */

import { mul, sub } from '../../primitives/arithmetic.ts';
import { broadcast } from '../../primitives/broadcast.ts';
import { filled } from '../../primitives/create.ts';
import { type CallablePrimitive, definePrimitive, type Sample } from '../../primitives/define.ts';
import { dot } from '../../primitives/dot.ts';
import { forLaws, type Laws } from '../../primitives/for-laws.ts';
import {
  bothFactors,
  byL,
  byU,
  columnOrder,
  luFactor,
  rowOrder,
} from '../../primitives/lu-factor.ts';
import { matrixTranspose, overBatches, squareExtents } from '../../primitives/matrices.ts';
import { pivotRows } from '../../primitives/pivot-rows.ts';
import { reduceSum } from '../../primitives/reduce.ts';
import { reshape } from '../../primitives/reshape.ts';
import { stopped } from '../../primitives/stop-gradient.ts';
import { identities, upperTriangle } from '../../primitives/triangle.ts';
import { triangularSolve } from '../../primitives/triangular-solve.ts';
import type { TensorLike } from '../../tensor/methods.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { tensorType } from '../../tensor/type.ts';
import { cumprod } from '../cumulative.ts';
import { abs, add, div, eq, gt, log, mod, sign, mul as times, where } from '../elementwise.ts';
import { prod, sum } from '../reduce.ts';
import { at, concatenate, expandDims } from '../shape.ts';
import { diagonal } from './diagonal.ts';
import { inverse } from './inverse.ts';
import { squareOf } from './matrices.ts';

/** 1 for even permutations `[b, n]` and -1 for odd ones, by the number of pairs out of order. */
function parity(order: Tensor, like: Tensor): Tensor {
  const outOfOrder = gt(expandDims(order, 2), expandDims(order, 1)).astype('int32');
  const pairs = sum(upperTriangle(outOfOrder, 1), { axis: [1, 2] });
  return add(1, times(-2, mod(pairs, 2))).astype(like.dtype);
}

/** <A, B> of each matrix. */
function innerProduct(a: Tensor, b: Tensor): Tensor {
  return reduceSum(mul(a, b), { axes: [1, 2] });
}

/** For each element of `[b, n]` the product of the others of its row. */
function productOfOthers(d: Tensor): Tensor {
  const n = d.shape[1] ?? 0;
  if (n === 0) return d;
  const one = filled(tensorType(d.dtype, [d.shape[0] ?? 0, 1]), 1);
  const before = at(cumprod(d, { axis: 1 }), null, [0, n - 1]);
  const behind = at(cumprod(d, { axis: 1, reverse: true }), null, [1, n]);
  return mul(concatenate([one, before], { axis: 1 }), concatenate([behind, one], { axis: 1 }));
}

/** Matrices of cofactors of a batch of matrices. */
export const cofactors: CallablePrimitive<1, object> = definePrimitive({
  name: 'cofactors',
  arity: 1,
  type: ([a]) => {
    squareExtents('cofactors', a);
    return tensorType(a.dtype, a.shape);
  },
  decompose: ([a]) => {
    const factors = luFactor(a, { complete: true });
    const both = bothFactors(factors);
    const [rows, columns] = [rowOrder(factors), columnOrder(factors)];
    const d = diagonal(both);
    const pivot = expandDims(d, 2);
    const w = where(eq(pivot, 0), 0, div(both, pivot));
    const signs = mul(parity(rows, a), parity(columns, a));
    const others = mul(productOfOthers(d), broadcast(signs, { shape: d.shape, axes: [0] }));
    const identity = identities(tensorType(a.dtype, a.shape));
    const ofD = mul(identity, broadcast(others, { shape: a.shape, axes: [0, 1] }));
    const left = triangularSolve(both, ofD, { ...byL, transposed: true });
    const right = triangularSolve(w, matrixTranspose(left), { ...byU, unit: true });
    const inColumns = matrixTranspose(pivotRows(columns, right, { inverse: true }));
    return pivotRows(rows, inColumns, { inverse: true });
  },
  linearize: ([a]) => {
    const c = cofactors(a);
    const x = matrixTranspose(inverse(a, { operation: 'the second derivative of linalg.det' }));
    return [
      c,
      (da) => {
        const along = broadcast(innerProduct(c, da), { shape: a.shape, axes: [0] });
        return sub(mul(along, x), dot(dot(x, matrixTranspose(da)), c));
      },
    ];
  },
  idle: ['identity'],
  vmap: ([a]) => overBatches([a], ([x = a]) => cofactors(x)),
});

/** What the laws hold `cofactors` to. */
export const cofactorsLaws: Laws = forLaws<1, object>(cofactors, {
  samples: () => samples(4),
});

/** Determinants `[b]` of a batch of matrices. */
export const determinant: CallablePrimitive<1, object> = definePrimitive({
  name: 'determinant',
  arity: 1,
  type: ([a]) => tensorType(a.dtype, [squareExtents('determinant', a).batch]),
  decompose: ([a]) => {
    const factors = luFactor(a, { complete: false });
    return mul(prod(diagonal(bothFactors(factors)), { axis: 1 }), parity(rowOrder(factors), a));
  },
  linearize: ([a]) => {
    const c = cofactors(a);
    return [determinant(a), (da) => innerProduct(c, da)];
  },
  idle: ['identity'],
  vmap: ([a]) => overBatches([a], ([x = a]) => determinant(x)),
});

/** What the laws hold `determinant` to. */
export const determinantLaws: Laws = forLaws<1, object>(determinant, {
  samples: () => samples(3),
});

/** log |det A|, `[b]`; the tangent is <A^-T, dA>. */
export const logDeterminant: CallablePrimitive<1, object> = definePrimitive({
  name: 'logDeterminant',
  arity: 1,
  type: ([a]) => tensorType(a.dtype, [squareExtents('logDeterminant', a).batch]),
  decompose: ([a]) => {
    const d = diagonal(bothFactors(luFactor(a, { complete: false })));
    return sum(log(abs(d)), { axis: 1 });
  },
  linearize: ([a]) => {
    const x = matrixTranspose(inverse(a, { operation: 'the derivative of linalg.slogdet' }));
    return [logDeterminant(a), (da) => innerProduct(x, da)];
  },
  idle: ['identity'],
  vmap: ([a]) => overBatches([a], ([x = a]) => logDeterminant(x)),
});

/** What the laws hold `logDeterminant` to. */
export const logDeterminantLaws: Laws = forLaws<1, object>(logDeterminant, {
  samples: () => samples(3),
});

/** Matrices large enough for the third derivative not to vanish; a single element has few. */
function samples(order: number): Sample<object>[] {
  return [
    { title: 'a matrix', shape: [1, order, order] },
    { title: 'one element', shape: [1, 1, 1], smooth: false },
    { title: 'no rows', shape: [1, 0, 0] },
    { title: 'no matrices', shape: [0, 2, 2] },
    { title: 'a batch', shape: [3, order, order] },
  ].map(({ title, shape, smooth = true }) => ({
    title,
    operands: [{ shape, regular: true }],
    params: {},
    smooth,
  }));
}

/**
 * Determinants of square matrices `[..., n, n]`, by LU factors; 0 for singular ones. The derivative is
 * the matrix of cofactors, also of a singular matrix. A second derivative needs a regular one.
 *
 * @throws ShapeError when the last two axes differ.
 * @throws MatrixError when a second derivative is asked for and the matrix is exactly singular.
 */
export function det(a: TensorLike): Tensor {
  const { x, lead } = squareOf('linalg.det', a);
  return reshape(determinant(x), { shape: lead });
}

/**
 * Signs of determinants and logarithms of their absolute values: `[sign, logdet]`, which does not
 * overflow; 0 and -Infinity for singular matrices. Square matrices `[..., n, n]`.
 *
 * @throws ShapeError when the last two axes differ.
 * @throws MatrixError when a derivative is asked for and a matrix is exactly singular.
 */
export function slogdet(a: TensorLike): [sign: Tensor, logdet: Tensor] {
  const { x, lead } = squareOf('linalg.slogdet', a);
  const factors = luFactor(stopped(x), { complete: false });
  const signs = prod(sign(diagonal(bothFactors(factors))), { axis: 1 });
  return [
    reshape(where(eq(signs, 0), 0, mul(signs, parity(rowOrder(factors), x))), { shape: lead }),
    reshape(logDeterminant(x), { shape: lead }),
  ];
}
