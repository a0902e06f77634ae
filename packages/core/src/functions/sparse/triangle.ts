import { at } from '../../primitives/sparse/analysis/integers.ts';
import { triangular } from '../../primitives/sparse/triangular.ts';
import { take } from '../../primitives/take.ts';
import { SparsityPattern } from '../../tensor/sparsity-pattern.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { pad } from '../pad.ts';
import { reshape } from '../shape.ts';
import { listOf, listsOf } from './pattern-lists.ts';
import type { SparseMatrix } from './sparse-matrix.ts';

/** Which triangle of a matrix counts. */
export interface Triangle {
  readonly upper: boolean;
  /** Whether its diagonal is taken to be ones. */
  readonly unit: boolean;
}

/** A triangle of a square matrix, with its diagonal; missing entries there are zeros. */
export function triangleOf(
  { data, pattern }: SparseMatrix,
  { upper, unit }: Triangle,
): SparseMatrix {
  const key = `triangle ${upper} ${unit}`;
  const { triangle, source } = listsOf(pattern).once(key, () => find(pattern, upper, unit));
  // Behind the entries, what stands for a missing one and a one.
  const values = pad(pad(data, [[0, 1]]), [[0, 1]], { value: 1 });
  return { data: take(values, source, { batch: 0 }), pattern: triangle };
}

function find(
  pattern: SparsityPattern,
  upper: boolean,
  unit: boolean,
): { readonly triangle: SparsityPattern; readonly source: Tensor } {
  const { shape, indptr, indices, nnz } = pattern;
  const { diagonal } = listsOf(pattern);
  const starts = [0];
  const columns: number[] = [];
  const source: number[] = [];
  const corner = (row: number): void => {
    columns.push(row);
    source.push(unit ? nnz + 1 : at(diagonal, row));
  };
  for (let row = 0; row < shape[0]; row++) {
    if (upper) corner(row);
    for (let e = at(indptr, row); e < at(indptr, row + 1); e++) {
      const column = at(indices, e);
      if (upper ? column <= row : column >= row) continue;
      columns.push(column);
      source.push(e);
    }
    if (!upper) corner(row);
    starts.push(columns.length);
  }
  const triangle = new SparsityPattern({ shape, indptr: starts, indices: columns });
  return { triangle, source: listOf(Int32Array.from(source)) };
}

/** Solutions `[n]` or `[n, k]` by a triangle, or the transposed one; the matrix counts as constant. */
export function solveTriangle(
  { data, pattern }: SparseMatrix,
  b: Tensor,
  options: { readonly upper: boolean; readonly transposed: boolean },
): Tensor {
  const { bounds, columns } = listsOf(pattern).tensors;
  const rhs = reshape(b, [1, b.shape[0] ?? 0, b.shape[1] ?? 1]);
  const x = triangular(reshape(data, [1, data.size]), rhs, bounds, columns, options);
  return reshape(x, b.shape);
}
