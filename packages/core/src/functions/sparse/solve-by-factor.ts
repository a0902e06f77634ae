import { factorSolve } from '../../primitives/sparse/factor-solve.ts';
import { take } from '../../primitives/take.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { mul } from '../elementwise.ts';
import { reshape } from '../shape.ts';
import type { Factorization } from './factorization.ts';

/** Solutions `[n, k]` of a system, or of the transposed one, as good as the factor is. */
export function solveByFactor(
  { factor, tables, scales }: Factorization,
  b: Tensor,
  transposed: boolean,
): Tensor {
  const [n = 0, columns = 0] = b.shape;
  const { rowAt, columnAt, placeOfRow, placeOfColumn } = tables;
  const [into, outOf] = transposed ? [columnAt, placeOfRow] : [rowAt, placeOfColumn];
  const [before, after] = transposed
    ? [scales?.columns, scales?.rows]
    : [scales?.rows, scales?.columns];
  const scaled = (x: Tensor, by: Tensor | undefined): Tensor =>
    by ? mul(x, reshape(by, [n, 1])) : x;
  const rhs = reshape(take(scaled(b, before), into, { batch: 0 }), [1, n, columns]);
  const own = reshape(factor, [1, factor.size]);
  const x = factorSolve(own, rhs, tables.table, tables.rows, { tables, transposed });
  return scaled(take(reshape(x, [n, columns]), outOf, { batch: 0 }), after);
}
