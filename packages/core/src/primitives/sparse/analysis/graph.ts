import { integers } from '../../../tensor/dtype.ts';
import type { Rows } from '../../../tensor/sparsity-pattern.ts';
import { at, increase, startsOf } from './integers.ts';

/** Neighbours of each of n nodes: a symmetric pattern without its diagonal. */
export interface Graph {
  readonly size: number;
  readonly starts: Int32Array;
  readonly neighbours: Int32Array;
}

/** The graph of A + A' for a square pattern whose row i stands for row `place[i]`. */
export function graphOf({ indptr, indices }: Rows, place: Int32Array): Graph {
  const size = indptr.length - 1;
  const counts = integers(size + 1);
  for (let i = 0; i < size; i++) {
    const row = at(place, i);
    for (let k = at(indptr, i); k < at(indptr, i + 1); k++) {
      const column = at(indices, k);
      if (column === row) continue;
      increase(counts, row, 1);
      increase(counts, column, 1);
    }
  }
  const starts = startsOf(counts);
  const next = starts.slice();
  const all = integers(at(starts, size));
  for (let i = 0; i < size; i++) {
    const row = at(place, i);
    for (let k = at(indptr, i); k < at(indptr, i + 1); k++) {
      const column = at(indices, k);
      if (column === row) continue;
      all[at(next, row)] = column;
      all[at(next, column)] = row;
      increase(next, row, 1);
      increase(next, column, 1);
    }
  }
  return withoutRepeats(size, starts, all);
}

function withoutRepeats(size: number, starts: Int32Array, all: Int32Array): Graph {
  const seen = integers(size).fill(-1);
  const ends = integers(size + 1);
  let next = 0;
  for (let i = 0; i < size; i++) {
    const to = at(starts, i + 1);
    for (let k = at(starts, i); k < to; k++) {
      const j = at(all, k);
      if (at(seen, j) === i) continue;
      seen[j] = i;
      all[next++] = j;
    }
    ends[i + 1] = next;
  }
  return { size, starts: ends, neighbours: all.slice(0, next) };
}
