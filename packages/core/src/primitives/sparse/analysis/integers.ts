import { integers } from '../../../tensor/dtype.ts';

/** An element of an array that is there. */
export function at(array: Int32Array, i: number): number {
  return array[i] ?? 0;
}

/** Adds to an element of an array. */
export function increase(array: Int32Array, i: number, by: number): void {
  array[i] = at(array, i) + by;
}

/** Positions 0, 1, ... n-1. */
export function range(n: number): Int32Array {
  const all = integers(n);
  for (let i = 0; i < n; i++) all[i] = i;
  return all;
}

/** Where each element of a permutation stands. */
export function inverseOf(permutation: Int32Array): Int32Array {
  const inverse = integers(permutation.length);
  permutation.forEach((element, place) => {
    inverse[element] = place;
  });
  return inverse;
}

/** Sums of all counts before each, and of all; `counts` has one element more than there are counts. */
export function startsOf(counts: Int32Array): Int32Array {
  const starts = integers(counts.length);
  for (let i = 0; i + 1 < counts.length; i++) starts[i + 1] = at(starts, i) + at(counts, i);
  return starts;
}
