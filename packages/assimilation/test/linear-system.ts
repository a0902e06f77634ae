/** A damped rotation. */
export const M = [
  [0.9, 0.3, 0],
  [-0.3, 0.9, 0.1],
  [0, -0.2, 0.95],
];

/** Two mixtures of its three components, which are seen. */
export const H = [
  [1, 0.5, 0],
  [0, 1, -1],
];

/** Covariances of errors of the background and of what is seen. */
export const B = [
  [2, 0.5, 0.1],
  [0.5, 1, 0.3],
  [0.1, 0.3, 1.5],
];
export const R = [
  [0.4, 0.1],
  [0.1, 0.3],
];
