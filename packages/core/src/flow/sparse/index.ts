/**
 * Sparse matrices with fixed patterns and differentiable values.
 *
 * @module
 */
export { add, scale } from '../../functions/sparse/add.ts';
export { type Coordinates, coo, type Positions } from '../../functions/sparse/coo.ts';
export { type CompressedMatrix, csr } from '../../functions/sparse/csr.ts';
export { type FromDenseOptions, fromDense, toDense } from '../../functions/sparse/dense.ts';
export { diagonal } from '../../functions/sparse/diagonal.ts';
export {
  cholesky,
  type Factorization,
  type FactorSize,
  factorSize,
  lu,
} from '../../functions/sparse/factorization.ts';
export { multigrid } from '../../functions/sparse/multigrid.ts';
export { ic0, ilu0, jacobi, type Preconditioner } from '../../functions/sparse/preconditioner.ts';
export { matmul, matvec } from '../../functions/sparse/product.ts';
export type { SparseMatrix } from '../../functions/sparse/sparse-matrix.ts';
export { transpose } from '../../functions/sparse/transpose.ts';
export type { LinearSolution, SolveReport } from './solution.ts';
export {
  bicgstab,
  cg,
  type GmresOptions,
  gmres,
  type IterativeSolveOptions,
  type LinearMap,
  minres,
  type PreconditionerName,
  type SolveOptions,
  solve,
} from './solve.ts';
export type { KrylovMethod } from './solve-iterative.ts';
export { type TriangularSolveOptions, triangularSolve } from './triangular-solve.ts';
