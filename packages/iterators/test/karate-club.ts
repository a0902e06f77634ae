/**
 * The 78 ties in Zachary's karate club: each member, from 0 on, with those of higher numbers. W. W.
 * Zachary, "An information flow model for conflict and fission in small groups", Journal of
 * Anthropological Research 33 (1977) 452.
 */
const ties: readonly (readonly number[])[] = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 17, 19, 21, 31],
  [1, 2, 3, 7, 13, 17, 19, 21, 30],
  [2, 3, 7, 8, 9, 13, 27, 28, 32],
  [3, 7, 12, 13],
  [4, 6, 10],
  [5, 6, 10, 16],
  [6, 16],
  [8, 30, 32, 33],
  [9, 33],
  [13, 33],
  [14, 32, 33],
  [15, 32, 33],
  [18, 32, 33],
  [19, 33],
  [20, 32, 33],
  [22, 32, 33],
  [23, 25, 27, 29, 32, 33],
  [24, 25, 27, 31],
  [25, 31],
  [26, 29, 33],
  [27, 33],
  [28, 31, 33],
  [29, 32, 33],
  [30, 32, 33],
  [31, 32, 33],
  [32, 33],
];

/** Both directions of each tie. */
export const karateEdges: readonly (readonly [from: number, to: number])[] = ties.flatMap(
  ([member = 0, ...others]) =>
    others.flatMap((other): [number, number][] => [
      [member, other],
      [other, member],
    ]),
);
