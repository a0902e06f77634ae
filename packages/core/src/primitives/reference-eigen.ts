import { signOfNumbers } from './row-sign.ts';

/** Sweeps over all pairs, at most; fewer than ten are needed. */
const sweeps = 60;

/**
 * Eigenvalues, rising, and eigenvectors of the symmetric matrix (x + x') / 2 by Jacobi's rotations (Golub
 * and Van Loan, Matrix Computations (2013), section 8.5), until none changes anything.
 */
export function symmetricEigen(
  x: ArrayLike<number>,
  n: number,
): { values: number[]; vectors: number[][] } {
  const at = (i: number, j: number): number => ((x[i * n + j] ?? 0) + (x[j * n + i] ?? 0)) / 2;
  const a = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => at(i, j)));
  const v = Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => Number(i === j)),
  );
  if (!a.flat().every(Number.isFinite)) {
    const nan = Array.from({ length: n }, () => Number.NaN);
    return { values: nan, vectors: a.map(() => nan) };
  }
  for (let sweep = 0; sweep < sweeps; sweep++) {
    let turned = false;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) turned = rotate(a, v, p, q) || turned;
    }
    if (!turned) break;
  }
  const order = a.map((_, i) => i).sort((i, j) => (a[i]?.[i] ?? 0) - (a[j]?.[j] ?? 0));
  return {
    values: order.map((i) => a[i]?.[i] ?? 0),
    vectors: order.map((i) => {
      const vector = v.map((row) => row[i] ?? 0);
      const sign = signOfNumbers(vector);
      return vector.map((element) => sign * element);
    }),
  };
}

/** Makes element (p, q) zero; false when it is nothing beside the diagonal. */
function rotate(a: number[][], v: number[][], p: number, q: number): boolean {
  const element = (i: number, j: number): number => a[i]?.[j] ?? 0;
  const [apq, app, aqq] = [element(p, q), element(p, p), element(q, q)];
  if (Math.abs(apq) <= 1e-18 * Math.sqrt(Math.abs(app) * Math.abs(aqq)) || apq === 0) return false;
  if (Math.abs(apq) < 1e-25 * (Math.abs(app) + Math.abs(aqq))) return false;
  const theta = (aqq - app) / (2 * apq);
  const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.hypot(1, theta));
  const c = 1 / Math.hypot(1, t);
  const s = t * c;
  const turn = (row: number[]): void => {
    const [x, y] = [row[p] ?? 0, row[q] ?? 0];
    row[p] = c * x - s * y;
    row[q] = s * x + c * y;
  };
  for (const row of [...a, ...v]) turn(row);
  const [rowP, rowQ] = [a[p] ?? [], a[q] ?? []];
  rowP.forEach((x, i) => {
    const y = rowQ[i] ?? 0;
    rowP[i] = c * x - s * y;
    rowQ[i] = s * x + c * y;
  });
  return true;
}
