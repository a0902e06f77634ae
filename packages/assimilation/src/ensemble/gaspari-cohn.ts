/**
 * The correlation of Gaspari and Cohn: like a Gaussian near 0, and exactly 0 from 2 on, with a piecewise polynomial of
 * order five between.
 *
 * @param distance in units of half the reach
 * @see G. Gaspari and S. Cohn, "Construction of correlation functions in two and three dimensions", Q. J. R.
 * Meteorol. Soc. 125 (1999) 723, eq. 4.10.
 */
export function gaspariCohn(distance: number): number {
  const r = Math.abs(distance);
  if (r >= 2) return 0;
  if (r <= 1) return horner(r, [-1 / 4, 1 / 2, 5 / 8, -5 / 3, 0, 1]);
  return horner(r, [1 / 12, -1 / 2, 5 / 8, 5 / 3, -5, 4]) - 2 / (3 * r);
}

function horner(x: number, coefficients: readonly number[]): number {
  return coefficients.reduce((sum, c) => sum * x + c, 0);
}
