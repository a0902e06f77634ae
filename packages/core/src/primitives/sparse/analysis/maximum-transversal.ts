/**
 * A column for each row such that each is taken once and all these entries are there: a maximum
 * matching of rows and columns, by depth-first search for augmenting paths.
 *
 * Duff, On algorithms for obtaining a maximum transversal (1981).
 */
import { integers } from '../../../tensor/dtype.ts';
import type { Rows } from '../../../tensor/sparsity-pattern.ts';
import { at } from './integers.ts';

/** The column of each row, the diagonal where it can be; -1 in rows for which none is left. */
export function maximumTransversal({ indptr, indices }: Rows, columns: number): Int32Array {
  const rows = indptr.length - 1;
  const columnOf = integers(rows).fill(-1);
  const rowOf = integers(columns).fill(-1);
  const assign = (row: number, column: number): void => {
    columnOf[row] = column;
    rowOf[column] = row;
  };
  for (let row = 0; row < rows; row++) {
    for (let k = at(indptr, row); k < at(indptr, row + 1); k++) {
      if (at(indices, k) === row) assign(row, row);
    }
  }
  const seen = integers(rows).fill(-1);
  const next = Int32Array.from(indptr);
  for (let start = 0; start < rows; start++) {
    if (at(columnOf, start) >= 0) continue;
    const path = [start];
    const taken: number[] = [];
    seen[start] = start;
    next[start] = at(indptr, start);
    while (path.length > 0) {
      const row = path.at(-1) ?? 0;
      const k = at(next, row);
      if (k === at(indptr, row + 1)) {
        path.pop();
        taken.pop();
        continue;
      }
      next[row] = k + 1;
      const column = at(indices, k);
      const owner = at(rowOf, column);
      if (owner < 0) {
        taken.push(column);
        path.forEach((one, i) => {
          assign(one, taken[i] ?? column);
        });
        break;
      }
      if (at(seen, owner) === start) continue;
      seen[owner] = start;
      next[owner] = at(indptr, owner);
      taken.push(column);
      path.push(owner);
    }
  }
  return columnOf;
}
