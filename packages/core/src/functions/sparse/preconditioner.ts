import { MatrixError } from '../../primitives/factorization-error.ts';
import { at } from '../../primitives/sparse/analysis/integers.ts';
import { incompleteLu } from '../../primitives/sparse/incomplete-lu.ts';
import { stopped } from '../../primitives/stop-gradient.ts';
import { ShapeError } from '../../tensor/shape.ts';
import type { SparsityPattern } from '../../tensor/sparsity-pattern.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { div, eq, where } from '../elementwise.ts';
import { reshape } from '../shape.ts';
import { diagonal } from './diagonal.ts';
import { listOf, listsOf } from './pattern-lists.ts';
import { checkSquare, type SparseMatrix } from './sparse-matrix.ts';
import { solveTriangle, triangleOf } from './triangle.ts';

/**
 * An approximate inverse of a matrix, for an iterative method. It has no derivative: a solution is
 * differentiated as what it is, and not as the iterations that found it.
 */
export interface Preconditioner {
  /** The approximate inverse times a vector. */
  apply(x: Tensor): Tensor;
  /** The same for the transposed matrix. */
  applyTransposed(x: Tensor): Tensor;
}

/** The inverse of the diagonal. */
export function jacobi(matrix: SparseMatrix): Preconditioner {
  const own = checkSquare('sparse.jacobi', 'the argument', matrix);
  const d = stopped(diagonal(own));
  const safe = where(eq(d, 0), 1, d);
  const apply = (x: Tensor): Tensor => div(x, safe);
  return { apply, applyTransposed: apply };
}

/**
 * Incomplete LU without fill: the factors have entries where the matrix has, and their product agrees
 * with it there.
 *
 * @throws MatrixError when the diagonal lacks an entry, or the call runs and a pivot is 0.
 * @see Meijerink and van der Vorst, An iterative solution method for linear systems of which the
 * coefficient matrix is a symmetric M-matrix (1977).
 */
export function ilu0(matrix: SparseMatrix): Preconditioner {
  return incomplete('sparse.ilu0', matrix, false);
}

/**
 * Incomplete Cholesky without fill of a symmetric matrix, as `L D L'`: what `ilu0` gives, with positive
 * pivots, so that it suits `cg`.
 *
 * @throws ShapeError when the pattern is not symmetric.
 * @throws MatrixError when the call runs and a pivot is not positive.
 */
export function ic0(matrix: SparseMatrix): Preconditioner {
  return incomplete('sparse.ic0', matrix, true);
}

function incomplete(name: string, matrix: SparseMatrix, positive: boolean): Preconditioner {
  const { data, pattern } = checkSquare(name, 'the argument', matrix);
  const lists = listsOf(pattern);
  if (positive && !lists.isSymmetric) {
    throw new ShapeError(`${name}: the pattern is not symmetric; use sparse.ilu0.`);
  }
  const missing = lists.diagonal.indexOf(pattern.nnz);
  if (missing >= 0) {
    const fault = positive ? 'notPositiveDefinite' : 'singular';
    throw new MatrixError(name, fault, { entry: 0, pivot: missing, entries: 1 });
  }
  const { bounds, columns } = lists.tensors;
  const corners = lists.once('diagonal list', () => listOf(lists.diagonal));
  const { changes, target, source } = lists.once('ilu0', () => changesOf(pattern));
  const values = reshape(stopped(data), [1, data.size]);
  const factor = incompleteLu([values, bounds, columns, corners, changes, target, source], {
    positive,
  });
  const both: SparseMatrix = { data: reshape(factor, [data.size]), pattern };
  const lower = triangleOf(both, { upper: false, unit: true });
  const upper = triangleOf(both, { upper: true, unit: false });
  return {
    apply: (x) => {
      const y = solveTriangle(lower, x, { upper: false, transposed: false });
      return solveTriangle(upper, y, { upper: true, transposed: false });
    },
    applyTransposed: (x) => {
      const y = solveTriangle(upper, x, { upper: true, transposed: true });
      return solveTriangle(lower, y, { upper: false, transposed: true });
    },
  };
}

/** For each entry below the diagonal, which entries of its row it changes, and by which. */
function changesOf({ shape: [n], indptr, indices, nnz }: SparsityPattern): {
  readonly changes: Tensor;
  readonly target: Tensor;
  readonly source: Tensor;
} {
  const changes = new Int32Array(nnz + 1);
  const target: number[] = [];
  const source: number[] = [];
  const entryAt = new Int32Array(n).fill(-1);
  for (let row = 0; row < n; row++) {
    const [from, to] = [at(indptr, row), at(indptr, row + 1)];
    for (let e = from; e < to; e++) entryAt[at(indices, e)] = e;
    for (let e = from; e < to; e++) {
      const pivot = at(indices, e);
      for (let f = at(indptr, pivot); pivot < row && f < at(indptr, pivot + 1); f++) {
        const own = at(entryAt, at(indices, f));
        if (at(indices, f) <= pivot || own < 0) continue;
        target.push(own);
        source.push(f);
      }
      changes[e + 1] = target.length;
    }
    for (let e = from; e < to; e++) entryAt[at(indices, e)] = -1;
  }
  return {
    changes: listOf(changes),
    target: listOf(Int32Array.from(target)),
    source: listOf(Int32Array.from(source)),
  };
}
