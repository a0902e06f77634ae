/** Runge-Kutta matrices of collocation: the last stage is the end of an interval. */
export type Scheme = 'radau' | 'hermiteSimpson' | 'trapezoidal';

const s6 = Math.sqrt(6);

/** Hairer and Wanner, Solving ordinary differential equations II (1996), tables IV.5.6, 5.7. */
export const tableaus: Record<Scheme, readonly (readonly number[])[]> = {
  radau: [
    [(88 - 7 * s6) / 360, (296 - 169 * s6) / 1800, (-2 + 3 * s6) / 225],
    [(296 + 169 * s6) / 1800, (88 + 7 * s6) / 360, (-2 - 3 * s6) / 225],
    [(16 - s6) / 36, (16 + s6) / 36, 1 / 9],
  ],
  hermiteSimpson: [
    [0, 0, 0],
    [5 / 24, 1 / 3, -1 / 24],
    [1 / 6, 2 / 3, 1 / 6],
  ],
  trapezoidal: [
    [0, 0],
    [1 / 2, 1 / 2],
  ],
};
