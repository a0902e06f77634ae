import { isFloat, roundingUnit } from '../tensor/dtype.ts';
import { DTypeError, ShapeError } from '../tensor/shape.ts';
import { typeOf } from '../tensor/tensor.ts';
import { describeType, tensorType } from '../tensor/type.ts';
import { add, mul, neg, sub } from './arithmetic.ts';
import { broadcast } from './broadcast.ts';
import { type CallablePrimitive, definePrimitive, type Sample } from './define.ts';
import { forLaws, type Laws } from './for-laws.ts';
import { matrixTranspose } from './matrices.ts';
import { multiply } from './matrix.ts';
import { apart } from './matrix-samples.ts';
import { reciprocalBeyond, shareOfLargest } from './reciprocal-beyond.ts';
import { svd } from './svd.ts';
import { unpackSvd } from './svd-packing.ts';

export interface PinvParams {
  /** Singular values up to this share of the largest count as zero; max(m, n) rounding units if absent. */
  readonly rtol?: number;
}

const thin = { vectors: 'thin' } as const;

/**
 * Pseudoinverses `[..., n, m]` of matrices `[..., m, n]`, by singular values. The tangent holds as long as
 * the rank stays (Golub and Pereyra, The differentiation of pseudo-inverses and nonlinear least squares
 * problems whose variables separate, SIAM Journal on Numerical Analysis 10 (1973) 413-432):
 *
 *     dP = -P dA P + P P' dA' (I - A P) + (I - P A) dA' P' P.
 */
export const pinv: CallablePrimitive<1, PinvParams> = definePrimitive({
  name: 'pinv',
  arity: 1,
  type: ([x], _: PinvParams) => {
    const [m, n] = x.shape.slice(-2);
    if (m === undefined || n === undefined) {
      throw new ShapeError(`pinv: needs matrices [..., m, n]; got ${describeType(x)}.`);
    }
    if (!isFloat(x.dtype)) {
      throw new DTypeError(`pinv: works on float64 and float32; got ${describeType(x)}.`);
    }
    return tensorType(x.dtype, [...x.shape.slice(0, -2), n, m]);
  },
  decompose: ([x], { rtol }) => {
    const { u, s, v } = unpackSvd(svd(x, thin), x.shape, thin);
    const share = rtol ?? Math.max(...x.shape.slice(-2)) * 2 * roundingUnit(typeOf(x).dtype);
    const axes = u.shape.map((_, axis) => axis);
    const bound = broadcast(shareOfLargest(s, share), { shape: s.shape, axes });
    const inverse = matrixTranspose(reciprocalBeyond(s, bound));
    return multiply(matrixTranspose(v), mul(broadcast(inverse, { shape: u.shape, axes }), u));
  },
  linearize: ([x], params) => {
    const p = pinv(x, params);
    const back = matrixTranspose(p);
    return [
      p,
      (dx) => {
        const ct = matrixTranspose(dx);
        const left = multiply(p, multiply(back, ct));
        const right = multiply(multiply(ct, back), p);
        const inside = neg(multiply(multiply(p, dx), p));
        const outside = sub(left, multiply(multiply(left, x), p));
        return add(inside, add(outside, sub(right, multiply(p, multiply(x, right)))));
      },
    ];
  },
  vmap: ([x], _, params) => pinv(x, params),
  idle: [0],
});

/** What the laws hold `pinv` to. */
export const pinvLaws: Laws = forLaws<1, PinvParams>(pinv, {
  samples: () =>
    [
      [0, 2],
      [1, 1],
      [3, 3],
      [3, 2],
      [2, 3, 5],
    ].map(
      (shape): Sample<PinvParams> => ({
        title: shape.join(' by '),
        // Rounding decides on the rank of matrices that lack it.
        operands: [{ ...apart(shape), fixed: true }],
        params: {},
      }),
    ),
});
