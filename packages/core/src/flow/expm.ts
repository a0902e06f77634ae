/**
 * The exponential of matrices by scaling and squaring: exp(A) = exp(A / 2^s)^(2^s), with s so that the
 * Pade approximant of degree 13 is accurate to rounding, of each matrix of a batch for itself.
 *
 * The tangent L(A, E) is a block of the exponential of a larger matrix: exp [[A, E], [0, A]] has it
 * in its upper right. As a linear map of E its transpose is L(A', E), and its tangent in A is a
 * block of an exponential again, so that all orders follow.
 *
 * @see Higham, The scaling and squaring method for the matrix exponential revisited, SIAM Journal on
 *   Matrix Analysis and Applications 26 (2005) 1179-1193, algorithm 2.3.
 * @see Al-Mohy and Higham, Computing the Frechet derivative of the matrix exponential, SIAM Journal on
 *   Matrix Analysis and Applications 30 (2009) 1639-1657.
 */

import {
  abs,
  add,
  ceil,
  div,
  gt,
  isfinite,
  log,
  maximum,
  mul,
  pow,
  where,
} from '../functions/elementwise.ts';
import { linearSolve } from '../functions/linalg/linear-solve.ts';
import { squareOf, unflattened } from '../functions/linalg/matrices.ts';
import { max, sum } from '../functions/reduce.ts';
import { at, concatenate, expandDims } from '../functions/shape.ts';
import { sub } from '../primitives/arithmetic.ts';
import { isLinear } from '../primitives/cotangent.ts';
import { zeros } from '../primitives/create.ts';
import { type CallablePrimitive, definePrimitive } from '../primitives/define.ts';
import { dot } from '../primitives/dot.ts';
import { alignBatch } from '../primitives/elementwise.ts';
import { forLaws, type Laws } from '../primitives/for-laws.ts';
import { matrixTranspose, overBatches, squareExtents } from '../primitives/matrices.ts';
import { stopped } from '../primitives/stop-gradient.ts';
import { identities } from '../primitives/triangle.ts';
import type { TensorLike } from '../tensor/methods.ts';
import { DTypeError, ShapeError, sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { describeType, tensorType } from '../tensor/type.ts';
import { whileLoop } from './while-loop.ts';

/** Coefficients of the approximant of degree 13, from the constant on. */
const coefficients = [
  64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000,
  10559470521600, 670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
] as const;

/** The 1-norm up to which it is accurate to rounding in float64. */
const largestNorm = 5.371920351148152;

/** Sum of the products of coefficients, every second from `first` on, with some powers. */
function combined(powers: readonly Tensor[], first: number): Tensor {
  const terms = powers.map((power, i) => mul(power, coefficients[first + 2 * i] ?? 0));
  return terms.reduce((total, term) => add(total, term));
}

/** exp of matrices of small norm. */
function approximant(a: Tensor): Tensor {
  const identity = identities(tensorType(a.dtype, a.shape));
  const a2 = dot(a, a);
  const a4 = dot(a2, a2);
  const a6 = dot(a2, a4);
  const low = [identity, a2, a4, a6];
  const high = [a2, a4, a6];
  const odd = dot(a, add(dot(a6, combined(high, 9)), combined(low, 1)));
  const even = add(dot(a6, combined(high, 8)), combined(low, 0));
  return linearSolve(sub(even, odd), add(even, odd), {
    transposed: false,
    operation: 'linalg.expm',
  });
}

function oneNorms(a: Tensor): Tensor {
  return max(sum(abs(a), { axis: 1 }), { axis: 1 });
}

/** A number for each matrix, in the shape of these. */
function forEachMatrix(x: Tensor): Tensor {
  return expandDims(x, [1, 2]);
}

/** Exponentials of a batch of matrices `[b, n, n]`. */
export const exponential: CallablePrimitive<1, object> = definePrimitive({
  name: 'expm',
  arity: 1,
  type: ([a]) => {
    squareExtents('expm', a);
    return tensorType(a.dtype, a.shape);
  },
  decompose: ([a]) => {
    if (a.size === 0) return a;
    const halvings = ceil(mul(log(div(oneNorms(a), largestNorm)), Math.LOG2E));
    const counts = maximum(where(isfinite(halvings), halvings, 0), 0);
    const most = max(counts);
    const scaled = mul(a, forEachMatrix(pow(2, counts.mul(-1))));
    const [, result] = whileLoop(
      ([step]: readonly [Tensor, Tensor]) => gt(most, step),
      ([step, x]: readonly [Tensor, Tensor]): readonly [Tensor, Tensor] => [
        add(step, 1),
        where(forEachMatrix(gt(counts, step)), dot(x, x), x),
      ],
      [most.mul(0), approximant(scaled)] as const,
    );
    return result;
  },
  linearize: ([a]) => [exponential(a), (da) => exponentialTangent(a, da)],
  idle: [0],
  vmap: ([a]) => overBatches([a], ([x = a]) => exponential(x)),
});

/** What the laws hold `exponential` to. */
export const exponentialLaws: Laws = forLaws<1, object>(exponential, {
  samples: () =>
    [
      { title: 'a matrix', shape: [1, 3, 3] },
      { title: 'one element', shape: [1, 1, 1] },
      { title: 'no rows', shape: [1, 0, 0] },
      {
        title: 'a batch of different sizes',
        shape: [2, 2, 2],
        values: [0.1, -0.2, 0.3, 0.1, 5, -7, 2, -9],
      },
    ].map(({ title, shape, values }) => ({
      title,
      operands: [{ shape, ...(values && { values }) }],
      params: {},
    })),
});

/** [[a, e], [0, a]] of each pair of matrices. */
function upperBlocks(a: Tensor, e: Tensor): Tensor {
  const nothing = zeros(tensorType(a.dtype, a.shape));
  return concatenate([concatenate([a, e], { axis: 2 }), concatenate([nothing, a], { axis: 2 })], {
    axis: 1,
  });
}

/** The block that `upperBlocks` puts e in. */
function upperRight(x: Tensor): Tensor {
  const n = (x.shape[1] ?? 0) / 2;
  return at(x, null, [0, n], [n, 2 * n]);
}

/** L(A, E) for batches of matrices A and E; linear in E. */
export const exponentialTangent: CallablePrimitive<2, object> = definePrimitive({
  name: 'expmTangent',
  arity: 2,
  type: ([a, e]) => {
    squareExtents('expmTangent', a);
    const both = `${describeType(a)} and ${describeType(e)}`;
    if (a.dtype !== e.dtype) throw new DTypeError(`expmTangent: dtypes differ: ${both}.`);
    if (!sameShape(a.shape, e.shape)) throw new ShapeError(`expmTangent: shapes differ: ${both}.`);
    return tensorType(a.dtype, a.shape);
  },
  decompose: ([a, e]) => {
    if (e.size === 0) return e;
    // A large E would ask for halvings that A does not need.
    const size = stopped(oneNorms(e));
    const unit = forEachMatrix(where(gt(size, 0), size, 1));
    return mul(upperRight(exponential(upperBlocks(a, div(e, unit)))), unit);
  },
  linearize: ([a, e]) => [
    exponentialTangent(a, e),
    (da) => {
      const still = zeros(tensorType(a.dtype, a.shape));
      return upperRight(exponentialTangent(upperBlocks(a, e), upperBlocks(da, still)));
    },
    (de) => exponentialTangent(a, de),
  ],
  transpose: (ct, [a, e]) => {
    if (isLinear(a) || !isLinear(e)) return;
    e.add(exponentialTangent(matrixTranspose(a), ct));
  },
  idle: [0, 0],
  vmap: (operands, batched) => {
    return overBatches(alignBatch(operands, batched), ([a, e]) => {
      if (!a || !e) throw new Error('unreachable');
      return exponentialTangent(a, e);
    });
  },
});

/** What the laws hold `exponentialTangent` to. */
export const exponentialTangentLaws: Laws = forLaws<2, object>(exponentialTangent, {
  samples: () =>
    [
      { title: 'matrices', shape: [1, 2, 2] },
      { title: 'one element', shape: [1, 1, 1] },
      { title: 'no rows', shape: [1, 0, 0] },
      { title: 'a batch', shape: [2, 3, 3] },
    ].map(({ title, shape }) => ({ title, operands: [{ shape }, { shape }], params: {} })),
});

/**
 * Exponentials of square matrices `[..., n, n]`: the sum of A^k / k!. Derivatives of all orders are
 * exponentials of larger matrices.
 *
 * @throws ShapeError when the last two axes differ.
 */
export function expm(a: TensorLike): Tensor {
  const { x, lead } = squareOf('linalg.expm', a);
  return unflattened(exponential(x), lead);
}
