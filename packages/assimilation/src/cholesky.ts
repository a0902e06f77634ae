/**
 * The lower triangular factor L of a symmetric matrix A = L L', row by row.
 *
 * @returns the factor, or the row at which A turns out not to be positive definite.
 */
export function cholesky(a: Float64Array, n: number): Float64Array | { readonly row: number } {
  const factor = new Float64Array(n * n);
  const at = (i: number, j: number): number => factor[i * n + j] ?? 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = a[i * n + j] ?? 0;
      for (let k = 0; k < j; k++) rest -= at(i, k) * at(j, k);
      if (i === j && !(rest > 0)) return { row: i };
      factor[i * n + j] = i === j ? Math.sqrt(rest) : rest / at(j, j);
    }
  }
  return factor;
}

/** The inverse of a lower triangular matrix, by forward substitution. */
export function invertLower(lower: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  for (let column = 0; column < n; column++) {
    for (let i = column; i < n; i++) {
      let rest = i === column ? 1 : 0;
      for (let k = column; k < i; k++) {
        rest -= (lower[i * n + k] ?? 0) * (inverse[k * n + column] ?? 0);
      }
      inverse[i * n + column] = rest / (lower[i * n + i] ?? 0);
    }
  }
  return inverse;
}
