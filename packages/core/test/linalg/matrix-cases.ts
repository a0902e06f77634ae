import { Noise } from '../../src/backends/reference/noise.ts';

export type Rows = readonly (readonly number[])[];

export function matrix(m: number, n: number, at: (i: number, j: number) => number): number[][] {
  return Array.from({ length: m }, (_, i) => Array.from({ length: n }, (_, j) => at(i, j)));
}

export function noise(m: number, n: number, seed: number): number[][] {
  const source = new Noise(seed);
  return matrix(m, n, () => 2 * source.uniform() - 1);
}

export function product(a: Rows, b: Rows): number[][] {
  return matrix(a.length, b[0]?.length ?? 0, (i, j) =>
    b.reduce((sum, row, k) => sum + (a[i]?.[k] ?? 0) * (row[j] ?? 0), 0),
  );
}

export function transposed(a: Rows): number[][] {
  return matrix(a[0]?.length ?? 0, a.length, (i, j) => a[j]?.[i] ?? 0);
}

export function scaled(a: Rows, by: number): number[][] {
  return a.map((row) => row.map((x) => x * by));
}

export function largest(a: Rows): number {
  return Math.max(0, ...a.flat().map(Math.abs));
}

export function difference(a: Rows, b: Rows): number[][] {
  return a.map((row, i) => row.map((x, j) => x - (b[i]?.[j] ?? 0)));
}

/** An orthogonal matrix: a product of reflections. */
function orthogonal(n: number, seed: number): number[][] {
  let q = matrix(n, n, (i, j) => Number(i === j));
  for (const v of noise(Math.min(n, 4), n, seed)) {
    const size = v.reduce((sum, x) => sum + x * x, 0);
    const h = matrix(n, n, (i, j) => Number(i === j) - (2 * (v[i] ?? 0) * (v[j] ?? 0)) / size);
    q = product(q, h);
  }
  return q;
}

/** q diag(values) q', symmetric to the last bit. */
export function withEigenvalues(values: readonly number[], seed: number): number[][] {
  const n = values.length;
  const q = orthogonal(n, seed);
  const a = product(
    q.map((row) => row.map((x, j) => x * (values[j] ?? 0))),
    transposed(q),
  );
  return matrix(n, n, (i, j) => ((a[i]?.[j] ?? 0) + (a[j]?.[i] ?? 0)) / 2);
}

/** A matrix with given singular values. */
export function withValues(
  m: number,
  n: number,
  values: readonly number[],
  seed: number,
): number[][] {
  const middle = matrix(m, n, (i, j) => (i === j ? (values[i] ?? 0) : 0));
  return product(product(orthogonal(m, seed), middle), orthogonal(n, seed + 1));
}

/** Wilkinson's matrix, whose largest eigenvalues come in pairs that agree to many digits. */
export function wilkinson(n: number): number[][] {
  const middle = (n - 1) / 2;
  return matrix(n, n, (i, j) => (i === j ? Math.abs(i - middle) : Number(Math.abs(i - j) === 1)));
}

export function hilbert(m: number, n: number): number[][] {
  return matrix(m, n, (i, j) => 1 / (i + j + 1));
}

/** Elements that fall by 16 from one row and column to the next. */
export function graded(n: number): number[][] {
  return matrix(n, n, (i, j) => 2 ** (-4 * Math.max(i, j)));
}

/** Frank's matrix, whose small singular values are ill-conditioned. */
export function frank(n: number): number[][] {
  return matrix(n, n, (i, j) => (j >= i - 1 ? n - Math.max(i, j) : 0));
}

/** Kahan's triangular matrix: of nearly deficient rank without a small element on its diagonal. */
export function kahan(n: number, s: number): number[][] {
  const c = Math.sqrt(1 - s * s);
  return matrix(n, n, (i, j) => (i > j ? 0 : s ** i * (i === j ? 1 : -c)));
}
