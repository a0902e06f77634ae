import { MatrixError } from '../../primitives/factorization-error.ts';
import { type Analysis, analyze } from '../../primitives/sparse/analysis/analysis.ts';
import { factorPlan } from '../../primitives/sparse/analysis/factor-plan.ts';
import { maximumTransversal } from '../../primitives/sparse/analysis/maximum-transversal.ts';
import { factorize } from '../../primitives/sparse/factorize.ts';
import { PlanTables } from '../../primitives/sparse/plan-tables.ts';
import { stopped } from '../../primitives/stop-gradient.ts';
import { take } from '../../primitives/take.ts';
import { ShapeError } from '../../tensor/shape.ts';
import {
  type CompressedRows,
  patternFrom,
  type SparsityPattern,
} from '../../tensor/sparsity-pattern.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { full } from '../create.ts';
import { add, div, gt, mul, sqrt, where } from '../elementwise.ts';
import { reshape } from '../shape.ts';
import { listsOf } from './pattern-lists.ts';
import { product } from './product.ts';
import { checkSquare, type SparseMatrix } from './sparse-matrix.ts';
import { transpose } from './transpose.ts';

/**
 * A factorized sparse matrix, to be given to `sparse.solve` in place of the matrix. It is a tree, of the
 * matrix and the numbers of the factor: it can be returned from a compiled function and passed to
 * another. Derivatives go to the matrix.
 */
export interface Factorization {
  readonly kind: 'cholesky' | 'lu';
  /** The matrix; of `cholesky`, the symmetric part of what was given. */
  readonly matrix: SparseMatrix;
  /** Numbers of the factor. */
  readonly factor: Tensor;
  /**
   * Where they are: found once for each pattern.
   *
   * @internal
   */
  readonly tables: PlanTables;
  /** What rows and columns were multiplied by before they were factorized, where they were. */
  readonly scales: { readonly rows: Tensor; readonly columns: Tensor } | null;
}

/** How many entries a factor has, before it is computed. */
export interface FactorSize {
  /** Entries of L, without those that are zero in panels. */
  readonly fill: number;
  /** Multiplications of a Cholesky factorization; about half of those of LU. */
  readonly work: number;
}

/** Whether a value is a factorized matrix. */
export function isFactorization(value: unknown): value is Factorization {
  return (
    typeof value === 'object' &&
    value !== null &&
    'tables' in value &&
    value.tables instanceof PlanTables
  );
}

function symmetricAnalysis(pattern: SparsityPattern): Analysis {
  return listsOf(pattern).once('analysis', () => analyze(pattern));
}

function choleskyTables(name: string, pattern: SparsityPattern): PlanTables {
  const lists = listsOf(pattern);
  return lists.once('cholesky', () => {
    const missing = lists.diagonal.indexOf(pattern.nnz);
    if (missing >= 0) {
      throw new MatrixError(name, 'notPositiveDefinite', { entry: 0, pivot: missing, entries: 1 });
    }
    return new PlanTables(factorPlan('cholesky', pattern, symmetricAnalysis(pattern)));
  });
}

function luAnalysis(name: string, pattern: SparsityPattern): Analysis {
  const lists = listsOf(pattern);
  return lists.once('lu analysis', () => {
    if (!lists.diagonal.includes(pattern.nnz)) return symmetricAnalysis(pattern);
    const nodeOfRow = maximumTransversal(pattern, pattern.shape[1]);
    const row = nodeOfRow.indexOf(-1);
    if (row >= 0) throw new MatrixError(name, 'singular', { entry: 0, pivot: row, entries: 1 });
    return analyze(pattern, nodeOfRow);
  });
}

function luTables(name: string, pattern: SparsityPattern): PlanTables {
  return listsOf(pattern).once(
    'lu',
    () => new PlanTables(factorPlan('lu', pattern, luAnalysis(name, pattern))),
  );
}

/**
 * The size of the factor of a matrix of a pattern, in the order that is chosen for it.
 *
 * @throws ShapeError when the pattern is not square.
 * @throws MatrixError when the pattern alone makes each matrix singular.
 */
export function factorSize(pattern: CompressedRows): FactorSize {
  const own = patternFrom('sparse.factorSize', pattern);
  const [rows, columns] = own.shape;
  if (rows !== columns) {
    throw new ShapeError(
      `sparse.factorSize: a square pattern is needed; it is of shape [${rows}, ${columns}].`,
    );
  }
  const { fill, work } = luAnalysis('sparse.factorSize', own);
  return { fill, work };
}

/**
 * The Cholesky factorization of a symmetric positive definite matrix, for `sparse.solve`. What is
 * factorized is the symmetric part `(A + A') / 2`, so that derivatives are symmetric. The order of
 * elimination is found once for each pattern; the numbers are computed by a multifrontal method.
 *
 * @throws ShapeError when the pattern is not square and symmetric.
 * @throws MatrixError when the call runs and the matrix is not positive definite; it names the row.
 * @see Liu, The Multifrontal Method for Sparse Matrix Solution (1992).
 */
export function cholesky(matrix: SparseMatrix): Factorization {
  const name = 'sparse.cholesky';
  const own = checkSquare(name, 'the argument', matrix);
  const part = symmetricPart(name, own);
  const tables = choleskyTables(name, own.pattern);
  const values = reshape(stopped(part.data), [1, part.data.size]);
  const factor = reshape(factorize(values, tables), [tables.plan.factorSize]);
  return { kind: 'cholesky', matrix: part, factor, tables, scales: null };
}

/** The symmetric part `(A + A') / 2` of a matrix of symmetric pattern. */
export function symmetricPart(name: string, matrix: SparseMatrix): SparseMatrix {
  if (!listsOf(matrix.pattern).isSymmetric) {
    throw new ShapeError(
      `${name}: the pattern is not symmetric. Add the transposed entries, or use a method for any matrix.`,
    );
  }
  const data = mul(add(matrix.data, transpose(matrix).data), 0.5);
  return { data, pattern: matrix.pattern };
}

/**
 * The LU factorization of a square matrix, for `sparse.solve`. Rows and columns are scaled to a norm of
 * about 1, rows are moved so that the diagonal has entries, and the pattern is that of `A + A'`. Pivots
 * are the largest elements of their columns inside the diagonal block of a panel; where none is larger
 * than the square root of the unit roundoff, the one on the diagonal is made as large. `sparse.solve`
 * corrects for that by iterative refinement, and says how far it got; where it does not get far, that is
 * an error. It is a weaker guarantee than exchanging all rows gives, at the price of a pattern that does
 * not depend on values.
 *
 * @throws ShapeError when the matrix is not square.
 * @throws MatrixError when the pattern alone makes each matrix singular; it names a row.
 * @see Li and Demmel, Making Sparse Gaussian Elimination Scalable by Static Pivoting (1998).
 */
export function lu(matrix: SparseMatrix): Factorization {
  const name = 'sparse.lu';
  const own = checkSquare(name, 'the argument', matrix);
  const tables = luTables(name, own.pattern);
  const { data, scales } = scaled({ data: stopped(own.data), pattern: own.pattern });
  const roundoff = data.dtype === 'float64' ? 2 ** -52 : 2 ** -23;
  const tiny = full([1], Math.sqrt(roundoff), { dtype: data.dtype });
  const factor = factorize(reshape(data, [1, data.size]), tables, tiny);
  return {
    kind: 'lu',
    matrix: own,
    factor: reshape(factor, [tables.plan.factorSize]),
    tables,
    scales,
  };
}

/** The matrix with rows and then columns divided by their Euclidean norms, where these are not 0. */
function scaled(matrix: SparseMatrix): {
  readonly data: Tensor;
  readonly scales: NonNullable<Factorization['scales']>;
} {
  const inverseNorms = ({ data, pattern }: SparseMatrix): Tensor => {
    const ones = full([pattern.shape[1]], 1, { dtype: data.dtype });
    const norms = sqrt(product({ data: mul(data, data), pattern }, ones));
    return div(1, where(gt(norms, 0), norms, 1));
  };
  const { pattern } = matrix;
  const lists = listsOf(pattern).tensors;
  const rows = inverseNorms(matrix);
  const even = mul(matrix.data, take(rows, lists.rows, { batch: 0 }));
  const columns = inverseNorms(transpose({ data: even, pattern }));
  return { data: mul(even, take(columns, lists.columns, { batch: 0 })), scales: { rows, columns } };
}
