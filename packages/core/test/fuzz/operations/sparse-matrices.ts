import { isfinite, SparsityPattern, sparse, type Tensor, tanh, tensor, where } from '@grad/core';
import type { Draw, Scope } from '../scope.ts';
import type { Operations } from './operation.ts';

/** A ring of five nodes, whose first and last are neighbours. */
const ring = new SparsityPattern({
  shape: [5, 5],
  indptr: [0, 3, 6, 9, 12, 15],
  indices: [0, 1, 4, 0, 1, 2, 1, 2, 3, 2, 3, 4, 0, 3, 4],
});
const corners = tensor([1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1]);

/** Values whose diagonals are larger than all else in their rows. */
function dominant(scope: Scope, draw: Draw): sparse.SparseMatrix {
  const drawn = scope.fit(scope.float(draw), [15]);
  // A matrix with NaN is refused.
  const values = tanh(where(isfinite(drawn), drawn, 0)).mul(0.25);
  return { data: values.add(corners.astype(values.dtype)), pattern: ring };
}

function fitted(scope: Scope, draw: Draw, shape: readonly number[], like: Tensor): Tensor {
  return scope.fit(scope.float(draw), shape).astype(like.dtype);
}

/** Products and systems of sparse matrices. */
export const sparseMatrices: Operations = {
  sparseMatvec: {
    build(scope, draw) {
      const a = dominant(scope, draw);
      const shape = draw.of<readonly number[]>([5], [5, 2]);
      return sparse.matmul(a, fitted(scope, draw, shape, a.data)).mul(0.5);
    },
  },
  sparseProduct: {
    build(scope, draw) {
      const a = dominant(scope, draw);
      const b = draw.flag() ? sparse.transpose(a) : a;
      return sparse.diagonal(sparse.matmul(a, b)).mul(0.5);
    },
  },
  sparseSolve: {
    build(scope, draw) {
      const a = dominant(scope, draw);
      const shape = draw.of<readonly number[]>([5], [5, 2]);
      const b = fitted(scope, draw, shape, a.data);
      return sparse.solve(a, b, { method: draw.of('cholesky', 'lu') }).x.mul(0.5);
    },
  },
  sparseTriangle: {
    build(scope, draw) {
      const a = dominant(scope, draw);
      const b = fitted(scope, draw, [5], a.data);
      return sparse.triangularSolve(a, b, { upper: draw.flag(), transposed: draw.flag() }).mul(0.5);
    },
  },
};
