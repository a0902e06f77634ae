import type { ElementSets } from '../primitives/element-sets.ts';
import { integers } from '../tensor/dtype.ts';
import { type Rows, SparsityPattern } from '../tensor/sparsity-pattern.ts';

/** A sparse matrix whose columns were put together, and where its entries went. */
export interface Joined {
  readonly pattern: SparsityPattern;
  /** For each member of the sets, in order, its entry of the pattern; -1 for none. */
  readonly entry: Int32Array;
}

/** The matrix of `sets` with each of its columns z added to column `origin[z]` of `columns`. */
export function joinColumns(sets: ElementSets, origin: Int32Array, columns: number): Joined {
  const { starts, members } = sets;
  const entry = integers(members.length).fill(-1);
  const indptr = integers(starts.length);
  const indices = integers(members.length);
  let next = 0;
  let order = new Float64Array(64);
  for (let row = 0; row < sets.size; row++) {
    const from = starts[row] ?? 0;
    const to = starts[row + 1] ?? 0;
    if (to - from > order.length) order = new Float64Array(2 * (to - from));
    // Column and place in one number, to sort by both.
    const width = to - from;
    let count = 0;
    let rises = true;
    for (let k = from; k < to; k++) {
      const column = origin[members[k] ?? 0] ?? -1;
      if (column < 0) continue;
      const key = column * width + (k - from);
      if (count > 0 && key < (order[count - 1] ?? 0)) rises = false;
      order[count++] = key;
    }
    if (!rises) order.subarray(0, count).sort();
    let last = -1;
    for (let i = 0; i < count; i++) {
      const key = order[i] ?? 0;
      const column = Math.floor(key / width);
      if (column !== last) indices[next++] = column;
      last = column;
      entry[from + key - column * width] = next - 1;
    }
    indptr[row + 1] = next;
  }
  const shape = [sets.size, columns] as const;
  return {
    pattern: new SparsityPattern({ shape, indptr, indices: indices.subarray(0, next) }),
    entry,
  };
}

/** The sets as rows of a matrix. */
export function rowsOf({ starts, members }: ElementSets): Rows {
  return { indptr: starts, indices: members };
}
