/**
 * Smoothed aggregation algebraic multigrid. Nodes that are connected are put together into aggregates,
 * which are the unknowns of a smaller system; a smoothed prolongator takes corrections of the aggregates
 * back to the nodes. One V-cycle, with a sweep of damped Jacobi before and after, is an approximate
 * inverse, symmetric for a symmetric matrix.
 *
 * Aggregates depend on the pattern alone and are found once for each. Prolongators and matrices of
 * coarser levels are computed from the values, as part of the Program; the smallest matrix is
 * factorized. The setup has no derivative.
 *
 * Vanek, Mandel and Brezina, Algebraic multigrid by smoothed aggregation for second and fourth order
 * elliptic problems (1996).
 */
import { graphOf } from '../../primitives/sparse/analysis/graph.ts';
import { at, range } from '../../primitives/sparse/analysis/integers.ts';
import { stopped } from '../../primitives/stop-gradient.ts';
import { take } from '../../primitives/take.ts';
import { SparsityPattern } from '../../tensor/sparsity-pattern.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { ones } from '../create.ts';
import { abs, add, div, eq, mul, neg, sub, where } from '../elementwise.ts';
import { max } from '../reduce.ts';
import { reshape } from '../shape.ts';
import { add as sum } from './add.ts';
import { diagonal } from './diagonal.ts';
import { type Factorization, lu } from './factorization.ts';
import { listsOf } from './pattern-lists.ts';
import type { Preconditioner } from './preconditioner.ts';
import { product } from './product.ts';
import { solveByFactor } from './solve-by-factor.ts';
import { checkSquare, type SparseMatrix } from './sparse-matrix.ts';
import { sparseProduct } from './sparse-product.ts';
import { transpose } from './transpose.ts';

/** Order up to which a matrix is factorized. */
const smallest = 256;
const mostLevels = 16;

interface Level {
  readonly matrix: SparseMatrix;
  readonly transposed: SparseMatrix;
  /** The damped inverse of the diagonal. */
  readonly smoother: Tensor;
  readonly prolongator: SparseMatrix;
  readonly restriction: SparseMatrix;
}

/** One V-cycle of smoothed aggregation multigrid, as a preconditioner for `cg` or `gmres`. */
export function multigrid(matrix: SparseMatrix): Preconditioner {
  const own = checkSquare('sparse.multigrid', 'the argument', matrix);
  const levels: Level[] = [];
  let coarse: SparseMatrix = { data: stopped(own.data), pattern: own.pattern };
  while (coarse.pattern.shape[0] > smallest && levels.length < mostLevels) {
    const tentative = aggregation(coarse.pattern);
    const [nodes, aggregates] = tentative.shape;
    if (aggregates === 0 || aggregates > 0.8 * nodes) break;
    const level = levelOf(coarse, tentative);
    levels.push(level);
    coarse = sparseProduct(level.restriction, sparseProduct(coarse, level.prolongator));
  }
  const bottom = lu(coarse);
  const apply = (x: Tensor): Tensor => cycle(levels, bottom, x, false);
  return { apply, applyTransposed: (x) => cycle(levels, bottom, x, true) };
}

function levelOf(matrix: SparseMatrix, aggregates: SparsityPattern): Level {
  const { data, pattern } = matrix;
  const { dtype } = data;
  const d = diagonal(matrix);
  const inverse = div(1, where(eq(d, 0), 1, d));
  const rows = product({ data: abs(data), pattern }, ones([pattern.shape[0]], { dtype }));
  // The largest row sum bounds the spectral radius of the matrix over its diagonal.
  const radius = max(mul(rows, abs(inverse)));
  const smoother = mul(div(4 / 3, radius), inverse);
  const rowOf = listsOf(pattern).tensors.rows;
  const tentative: SparseMatrix = {
    data: ones([aggregates.nnz], { dtype }),
    pattern: aggregates,
  };
  const damped = { data: neg(mul(data, take(smoother, rowOf, { batch: 0 }))), pattern };
  const prolongator = sum(tentative, sparseProduct(damped, tentative));
  return {
    matrix,
    transposed: transpose(matrix),
    smoother,
    prolongator,
    restriction: transpose(prolongator),
  };
}

function cycle(
  [level, ...coarser]: readonly Level[],
  bottom: Factorization,
  rhs: Tensor,
  transposed: boolean,
): Tensor {
  if (!level) {
    const wide = solveByFactor(bottom, reshape(rhs, [rhs.size, 1]), transposed);
    return reshape(wide, rhs.shape);
  }
  const { smoother, prolongator, restriction } = level;
  const matrix = transposed ? level.transposed : level.matrix;
  const before = mul(smoother, rhs);
  const rest = product(restriction, sub(rhs, product(matrix, before)));
  const corrected = add(before, product(prolongator, cycle(coarser, bottom, rest, transposed)));
  return add(corrected, mul(smoother, sub(rhs, product(matrix, corrected))));
}

/** The aggregate of each node, as the pattern of a matrix with one entry in each row. */
function aggregation(pattern: SparsityPattern): SparsityPattern {
  return listsOf(pattern).once('aggregates', () => {
    const [n] = pattern.shape;
    const of = aggregate(pattern);
    const count = of.reduce((most, one) => Math.max(most, one + 1), 0);
    return new SparsityPattern({ shape: [n, count], indptr: range(n + 1), indices: of });
  });
}

function aggregate(pattern: SparsityPattern): Int32Array {
  const { size, starts, neighbours } = graphOf(pattern, range(pattern.shape[0]));
  const of = new Int32Array(size).fill(-1);
  const around = (i: number): Int32Array => neighbours.subarray(at(starts, i), at(starts, i + 1));
  let count = 0;
  // A node whose neighbours are all free, with them.
  for (let i = 0; i < size; i++) {
    if (at(of, i) >= 0 || around(i).some((j) => at(of, j) >= 0)) continue;
    of[i] = count;
    for (const j of around(i)) of[j] = count;
    count += 1;
  }
  // What is left goes to an aggregate next to it.
  const whole = of.slice();
  for (let i = 0; i < size; i++) {
    const next = at(of, i) >= 0 ? -1 : around(i).find((j) => at(whole, j) >= 0);
    if (next !== undefined && next >= 0) of[i] = at(whole, next);
  }
  for (let i = 0; i < size; i++) {
    if (at(of, i) >= 0) continue;
    of[i] = count;
    for (const j of around(i)) if (at(of, j) < 0) of[j] = count;
    count += 1;
  }
  return of;
}
