/** Six pages, numbered from 0; page 1 has no links. Langville and Meyer, Internet Math. 1 (2004). */
export const edges: readonly (readonly [from: number, to: number])[] = [
  [0, 1],
  [0, 2],
  [2, 0],
  [2, 1],
  [2, 4],
  [3, 4],
  [3, 5],
  [4, 3],
  [4, 5],
  [5, 3],
];

export const options = { alpha: 0.9, tol: 1e-15 };
