export type Matrix = readonly (readonly number[])[];

export const product = (a: Matrix, b: Matrix): number[][] =>
  a.map((row) => (b[0] ?? []).map((_, j) => row.reduce((s, v, k) => s + v * (b[k]?.[j] ?? 0), 0)));
export const transposed = (a: Matrix): number[][] =>
  (a[0] ?? []).map((_, j) => a.map((row) => row[j] ?? 0));
export const plus = (a: Matrix, b: Matrix): number[][] =>
  a.map((row, i) => row.map((v, j) => v + (b[i]?.[j] ?? 0)));
export const column = (v: readonly number[]): number[][] => v.map((x) => [x]);

/** X with A X = B, by Gauss-Jordan elimination with pivoting. */
export function solve(a: Matrix, b: Matrix): number[][] {
  const n = a.length;
  const rows = a.map((row, i) => [...row, ...(b[i] ?? [])]);
  for (let k = 0; k < n; k++) {
    const size = (i: number): number => Math.abs(rows[i]?.[k] ?? 0);
    let best = k;
    for (let i = k; i < n; i++) if (size(i) > size(best)) best = i;
    [rows[k], rows[best]] = [rows[best] ?? [], rows[k] ?? []];
    const pivot = rows[k] ?? [];
    for (let i = 0; i < n; i++) {
      const factor = i === k ? 0 : (rows[i]?.[k] ?? 0) / (pivot[k] ?? 1);
      rows[i] = (rows[i] ?? []).map((v, j) => v - factor * (pivot[j] ?? 0));
    }
  }
  return rows.map((row, i) => row.slice(n).map((v) => v / (row[i] ?? 1)));
}

export const inverse = (a: Matrix): number[][] =>
  solve(
    a,
    a.map((_, i) => a.map((_, j) => (i === j ? 1 : 0))),
  );
