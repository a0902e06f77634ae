import { integers } from '../tensor/dtype.ts';
import type { Rows } from '../tensor/sparsity-pattern.ts';

/** A partition of the columns of a matrix, so that no row has two entries in columns of a part. */
export interface Colouring {
  /** Number of parts. */
  readonly count: number;
  /** Part of each column; -1 for a column without entries. */
  readonly of: Int32Array;
}

/**
 * Columns in as few parts of structurally orthogonal ones as the greedy method finds: columns that
 * meet many others come first, and each gets the first colour that no column has which it shares a
 * row with (distance-2 colouring of the bipartite graph of rows and columns).
 *
 * Colours are given 32 at a time, so that a word tells which of them a row has already. What
 * a column gets is the same as if all were tried at once, as those of a round do not depend on
 * later ones.
 *
 * @param rows The matrix by rows.
 * @param columns The same matrix by columns.
 * @see Curtis, Powell and Reid, On the Estimation of Sparse Jacobian Matrices (1974).
 * @see Gebremedhin, Manne and Pothen, What Color Is Your Jacobian? (2005), section 3.
 */
export function colourColumns(rows: Rows, columns: Rows): Colouring {
  const of = integers(columns.indptr.length - 1).fill(-1);
  let waiting = byMeetings(rows, columns);
  let count = 0;
  for (let first = 0; waiting.length > 0; first += 32) {
    const taken = integers(rows.indptr.length - 1);
    const left = integers(waiting.length);
    let next = 0;
    for (const column of waiting) {
      const from = columns.indptr[column] ?? 0;
      const to = columns.indptr[column + 1] ?? 0;
      let meets = 0;
      for (let k = from; k < to; k++) meets |= taken[columns.indices[k] ?? 0] ?? 0;
      if (meets === -1) {
        left[next++] = column;
        continue;
      }
      const bit = ~meets & (meets + 1);
      const colour = first + 31 - Math.clz32(bit);
      for (let k = from; k < to; k++) {
        const row = columns.indices[k] ?? 0;
        taken[row] = (taken[row] ?? 0) | bit;
      }
      of[column] = colour;
      count = Math.max(count, colour + 1);
    }
    waiting = left.slice(0, next);
  }
  return { count, of };
}

/** The columns with entries, those first that share rows with the most entries. */
function byMeetings(rows: Rows, columns: Rows): Int32Array {
  const size = columns.indptr.length - 1;
  // Meetings and column in one number, to sort by both.
  const keys = new Float64Array(size);
  let count = 0;
  for (let column = 0; column < size; column++) {
    let meetings = 0;
    const to = columns.indptr[column + 1] ?? 0;
    for (let k = columns.indptr[column] ?? 0; k < to; k++) {
      const row = columns.indices[k] ?? 0;
      meetings += (rows.indptr[row + 1] ?? 0) - (rows.indptr[row] ?? 0);
    }
    if (meetings > 0) keys[count++] = column - meetings * size;
  }
  return Int32Array.from(
    keys.subarray(0, count).sort(),
    (key) => key - size * Math.floor(key / size),
  );
}
