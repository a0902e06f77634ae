import { at } from '../../primitives/sparse/analysis/integers.ts';
import { take } from '../../primitives/take.ts';
import type { TensorLike } from '../../tensor/methods.ts';
import { formatShape, ShapeError, sameShape } from '../../tensor/shape.ts';
import { SparsityPattern } from '../../tensor/sparsity-pattern.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { mul, add as plus } from '../elementwise.ts';
import { pad } from '../pad.ts';
import { asTensor } from '../tensor.ts';
import { listOf } from './pattern-lists.ts';
import { checkSparse, type SparseMatrix } from './sparse-matrix.ts';

/** The pattern of a sum, and where its entries come from; behind the last where from none. */
interface Union {
  readonly pattern: SparsityPattern;
  readonly left: Tensor;
  readonly right: Tensor;
}

const unions = new WeakMap<SparsityPattern, WeakMap<SparsityPattern, Union>>();

/** The sum of two sparse matrices of one shape; it has the entries of both. */
export function add(a: SparseMatrix, b: SparseMatrix): SparseMatrix {
  const x = checkSparse('sparse.add', 'the first argument', a);
  const y = checkSparse('sparse.add', 'the second argument', b);
  if (!sameShape(x.pattern.shape, y.pattern.shape)) {
    throw new ShapeError(
      `sparse.add: shapes ${formatShape(x.pattern.shape)} and ${formatShape(y.pattern.shape)} differ.`,
    );
  }
  if (x.pattern === y.pattern) return { data: plus(x.data, y.data), pattern: x.pattern };
  const { pattern, left, right } = unionOf(x.pattern, y.pattern);
  const part = (data: Tensor, from: Tensor): Tensor => take(withZero(data), from, { batch: 0 });
  return { data: plus(part(x.data, left), part(y.data, right)), pattern };
}

/** The values of a matrix and a zero behind them. */
export function withZero(data: Tensor): Tensor {
  return pad(data, [[0, 1]]);
}

function unionOf(a: SparsityPattern, b: SparsityPattern): Union {
  let own = unions.get(a);
  if (own === undefined) {
    own = new WeakMap();
    unions.set(a, own);
  }
  let union = own.get(b);
  if (union === undefined) {
    union = join(a, b);
    own.set(b, union);
  }
  return union;
}

function join(a: SparsityPattern, b: SparsityPattern): Union {
  const indptr = [0];
  const indices: number[] = [];
  const left: number[] = [];
  const right: number[] = [];
  for (let row = 0; row < a.shape[0]; row++) {
    let i = at(a.indptr, row);
    let j = at(b.indptr, row);
    const [endA, endB] = [at(a.indptr, row + 1), at(b.indptr, row + 1)];
    while (i < endA || j < endB) {
      const x = i < endA ? at(a.indices, i) : Number.POSITIVE_INFINITY;
      const y = j < endB ? at(b.indices, j) : Number.POSITIVE_INFINITY;
      indices.push(Math.min(x, y));
      left.push(x <= y ? i++ : a.nnz);
      right.push(y <= x ? j++ : b.nnz);
    }
    indptr.push(indices.length);
  }
  return {
    pattern: new SparsityPattern({ shape: a.shape, indptr, indices }),
    left: listOf(Int32Array.from(left)),
    right: listOf(Int32Array.from(right)),
  };
}

/** A sparse matrix times a number. */
export function scale(matrix: SparseMatrix, by: TensorLike): SparseMatrix {
  const { data, pattern } = checkSparse('sparse.scale', 'the first argument', matrix);
  const factor = asTensor(by, 'sparse.scale', 'the second argument');
  if (factor.ndim > 0) {
    throw new ShapeError(
      `sparse.scale: the second argument is a number; its shape is ${formatShape(factor.shape)}.`,
    );
  }
  return { data: mul(data, factor), pattern };
}
