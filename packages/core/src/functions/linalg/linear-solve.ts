/**
 * Systems of linear equations by LU factors. The tangent of x = A^-1 b is A^-1 (db - dA x), and its
 * transpose divides by A'. Both use the factors of A that the solution was found with: these are a
 * residual, and in no mode and order of differentiation is A factorized twice.
 */

import { neg } from '../../primitives/arithmetic.ts';
import { isLinear } from '../../primitives/cotangent.ts';
import { type CallablePrimitive, definePrimitive, type Sample } from '../../primitives/define.ts';
import { dot } from '../../primitives/dot.ts';
import { forLaws, type Laws } from '../../primitives/for-laws.ts';
import { bothFactors, byL, byU, luFactor, rowOrder } from '../../primitives/lu-factor.ts';
import { batchedSolve, matrixExtents, squareExtents } from '../../primitives/matrices.ts';
import { pivotRows } from '../../primitives/pivot-rows.ts';
import { stopped } from '../../primitives/stop-gradient.ts';
import { triangularSolve } from '../../primitives/triangular-solve.ts';
import type { TensorLike } from '../../tensor/methods.ts';
import { DTypeError, ShapeError } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { describeType, type TensorType, tensorType } from '../../tensor/type.ts';
import { equationsOf } from './matrices.ts';

interface SolveParams {
  /** Whether the transposes of the matrices stand in the equations. */
  readonly transposed: boolean;
  /** The function that messages name. */
  readonly operation: string;
}

function solveType(a: TensorType, b: TensorType): TensorType {
  const { batch, order } = squareExtents('solve', a);
  const given = matrixExtents('solve', b);
  const both = `${describeType(a)} and ${describeType(b)}`;
  if (a.dtype !== b.dtype) throw new DTypeError(`solve: dtypes differ: ${both}.`);
  if (given.batch !== batch || given.rows !== order) {
    throw new ShapeError(`solve: [b, n, n] and [b, n, m] are needed; got ${both}.`);
  }
  return tensorType(b.dtype, b.shape);
}

/** A^-1 b by factors: P A = L U, so that A x = b is U x = L^-1 P b. */
function divide(factors: Tensor, b: Tensor, { transposed, operation }: SolveParams): Tensor {
  const both = bothFactors(factors);
  const order = rowOrder(factors);
  const named = { ...byU, operation };
  if (!transposed) {
    const left = triangularSolve(both, pivotRows(order, b, { inverse: false }), byL);
    return triangularSolve(both, left, named);
  }
  const right = triangularSolve(both, b, { ...named, transposed });
  return pivotRows(order, triangularSolve(both, right, { ...byL, transposed }), { inverse: true });
}

/**
 * A^-1 b where the factors of A are there. They count as constants: what moves x is A itself. It is
 * tested as part of `linearSolve`, since its operands belong together.
 */
const solveByFactors: CallablePrimitive<3, SolveParams> = definePrimitive({
  name: 'solveByFactors',
  arity: 3,
  type: ([a, , b], _: SolveParams) => solveType(a, b),
  decompose: ([, factors, b], params) => divide(factors, b, params),
  linearize: ([a, factors, b], params) => {
    const x = solveByFactors(a, factors, b, params);
    const again = (y: Tensor): Tensor => solveByFactors(a, factors, y, params);
    return [
      x,
      (da) => again(neg(dot(params.transposed ? da.transpose([0, 2, 1]) : da, x))),
      null,
      again,
    ];
  },
  transpose: (ct, [a, factors, b], params) => {
    if (isLinear(a) || isLinear(factors) || !isLinear(b)) return;
    b.add(solveByFactors(a, factors, ct, { ...params, transposed: !params.transposed }));
  },
  idle: ['identity', 'identity', 0],
  vmap: (operands, batched, params) =>
    batchedSolve(operands, batched, ([a, factors, b]) => {
      if (!a || !factors || !b) throw new Error('unreachable');
      return solveByFactors(a, factors, b, params);
    }),
});

/** A^-1 b, or A'^-1 b, of batches of matrices `[b, n, n]` and `[b, n, m]`. */
export const linearSolve: CallablePrimitive<2, SolveParams> = definePrimitive({
  name: 'solve',
  arity: 2,
  type: ([a, b], _: SolveParams) => solveType(a, b),
  decompose: ([a, b], params) => divide(luFactor(a, { complete: false }), b, params),
  linearize: ([a, b], params) => {
    const factors = stopped(luFactor(a, { complete: false }));
    const x = solveByFactors(a, factors, b, params);
    const again = (y: Tensor): Tensor => solveByFactors(a, factors, y, params);
    return [x, (da) => again(neg(dot(params.transposed ? da.transpose([0, 2, 1]) : da, x))), again];
  },
  transpose: (ct, [a, b], params) => {
    if (isLinear(a) || !isLinear(b)) return;
    b.add(linearSolve(a, ct, { ...params, transposed: !params.transposed }));
  },
  idle: ['identity', 0],
  vmap: (operands, batched, params) =>
    batchedSolve(operands, batched, ([a, b]) => {
      if (!a || !b) throw new Error('unreachable');
      return linearSolve(a, b, params);
    }),
});

/** What the laws hold `linearSolve` to. */
export const linearSolveLaws: Laws = forLaws<2, SolveParams>(linearSolve, {
  samples: () =>
    [
      { title: 'a matrix', a: [1, 3, 3], b: [1, 3, 2] },
      { title: 'one element', a: [1, 1, 1], b: [1, 1, 1] },
      { title: 'no rows', a: [1, 0, 0], b: [1, 0, 2] },
      { title: 'a batch', a: [2, 3, 3], b: [2, 3, 1] },
    ].flatMap(({ title, a, b }): Sample<SolveParams>[] =>
      [false, true].map((transposed) => ({
        title,
        operands: [{ shape: a, regular: true }, { shape: b }],
        params: { transposed, operation: 'solve' },
      })),
    ),
});

/**
 * x with A x = b for square matrices `[..., n, n]` and b a vector `[n]` or matrices `[..., n, k]`, by LU
 * factors with row exchanges; leading axes broadcast. A matrix that is nearly singular gives what LAPACK
 * gives.
 *
 * @throws ShapeError when a matrix is not square or b does not fit.
 * @throws MatrixError when a matrix is exactly singular: a pivot is 0.
 */
export function solve(a: TensorLike, b: TensorLike): Tensor {
  const name = 'linalg.solve';
  const system = equationsOf(name, a, b, 'square');
  return system.finish(linearSolve(system.a, system.b, { transposed: false, operation: name }));
}
