import { dot } from '../../primitives/dot.ts';
import { matrixTranspose } from '../../primitives/matrices.ts';
import { triangularSolve } from '../../primitives/triangular-solve.ts';
import { roundingUnit } from '../../tensor/dtype.ts';
import type { TensorLike } from '../../tensor/methods.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { equationsOf } from './matrices.ts';
import { reducedQr } from './qr.ts';

/**
 * The x for which the sum of squares of A x - b is least, by QR factors, of matrices `[..., m, n]` and b
 * a vector `[m]` or matrices `[..., m, k]`; leading axes broadcast. Where the equations do not
 * determine x, m < n, it is the shortest one that solves them.
 *
 * @throws ShapeError when b does not fit.
 * @throws MatrixError when the rank of a matrix is less than min(m, n), up to rounding: when the smallest
 *   diagonal element of R is at most 2 max(m, n) rounding units of the largest one.
 */
export function lstsq(a: TensorLike, b: TensorLike): Tensor {
  const name = 'linalg.lstsq';
  const system = equationsOf(name, a, b, 'any');
  const { rows, columns } = system;
  const isWide = rows < columns;
  const [q, r] = reducedQr(isWide ? matrixTranspose(system.a) : system.a);
  const tolerance = 2 * Math.max(rows, columns, 1) * roundingUnit(q.dtype);
  const params = { lower: false, transposed: isWide, unit: false, tolerance, operation: name };
  const x = isWide
    ? dot(q, triangularSolve(r, system.b, params))
    : triangularSolve(r, dot(matrixTranspose(q), system.b), params);
  return system.finish(x);
}
