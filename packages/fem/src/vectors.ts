import { at } from './at.ts';

/** x + factor y. */
export function axpy(x: Float64Array, factor: number, y: Float64Array): Float64Array {
  return x.map((value, i) => value + factor * at(y, i));
}

export function dot(x: Float64Array, y: Float64Array): number {
  return x.reduce((sum, value, i) => sum + value * at(y, i), 0);
}

/** The length of the longest of the moves `[n, 2]` of vertices. */
export function longestMove(moves: Float64Array): number {
  let longest = 0;
  for (let k = 0; k < moves.length; k += 2) {
    longest = Math.max(longest, Math.hypot(at(moves, k), at(moves, k + 1)));
  }
  return longest;
}
