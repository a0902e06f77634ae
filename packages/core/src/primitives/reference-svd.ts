import { signOfNumbers } from './row-sign.ts';

/** Sweeps over all pairs, at most; some ten are needed. */
const sweeps = 100;

/** Singular values, falling, and whole bases of singular vectors. */
export interface ReferenceSvd {
  readonly values: number[];
  readonly left: number[][];
  readonly right: number[][];
}

/**
 * The singular value decomposition of a matrix `[m, n]` by rotations that make its columns orthogonal
 * (Hestenes, Inversion of matrices by biorthogonalization and related results, Journal of the SIAM 6 (1958)
 * 51-90).
 */
export function singularValues(
  x: ArrayLike<number>,
  [m, n]: readonly [number, number],
): ReferenceSvd {
  const column = (j: number): number[] => Array.from({ length: m }, (_, i) => x[i * n + j] ?? 0);
  const columns = Array.from({ length: n }, (_, j) => column(j));
  const rows = Array.from({ length: m }, (_, i) => columns.map((c) => c[i] ?? 0));
  const { values, left, right } = m >= n ? ofTall(columns, m) : swapped(ofTall(rows, n));
  const signed = left.map((row, i) => {
    const sign = signOfNumbers(row);
    const other = right[i];
    if (other) right[i] = other.map((element) => (i < values.length ? sign : 1) * element);
    return row.map((element) => sign * element);
  });
  for (let i = values.length; i < right.length; i++) {
    const sign = signOfNumbers(right[i] ?? []);
    right[i] = (right[i] ?? []).map((element) => sign * element);
  }
  return { values, left: signed, right };
}

function swapped({ values, left, right }: ReferenceSvd): ReferenceSvd {
  return { values, left: right, right: left };
}

/** The decomposition of at least as many rows as columns. */
function ofTall(given: readonly (readonly number[])[], m: number): ReferenceSvd {
  const n = given.length;
  if (!given.flat().every(Number.isFinite)) {
    const nan = (count: number) => Array.from({ length: count }, () => Number.NaN);
    return {
      values: nan(n),
      left: nan(m).map(() => nan(m)),
      right: nan(n).map(() => nan(n)),
    };
  }
  const columns = given.map((c) => [...c]);
  const basis = columns.map((_, i) => columns.map((__, j) => Number(i === j)));
  for (let sweep = 0; sweep < sweeps; sweep++) {
    let turned = false;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) turned = rotate(columns, basis, p, q) || turned;
    }
    if (!turned) break;
  }
  const sizes = columns.map((c) => Math.hypot(...c));
  const order = sizes.map((_, i) => i).sort((i, j) => (sizes[j] ?? 0) - (sizes[i] ?? 0));
  const values = order.map((i) => sizes[i] ?? 0);
  const left: number[][] = [];
  for (const i of order) {
    const size = sizes[i] ?? 0;
    if (size > 1e-14 * (values[0] ?? 0)) left.push((columns[i] ?? []).map((e) => e / size));
  }
  for (let unit = 0; left.length < m && unit < m; unit++) extend(left, unit, m);
  return { values, left, right: order.map((i) => basis[i] ?? []) };
}

/** Makes columns p and q orthogonal; false when they are. */
function rotate(columns: number[][], basis: number[][], p: number, q: number): boolean {
  const [a, b] = [columns[p] ?? [], columns[q] ?? []];
  const inner = (x: readonly number[], y: readonly number[]): number =>
    x.reduce((sum, e, i) => sum + e * (y[i] ?? 0), 0);
  const [aa, ab, bb] = [inner(a, a), inner(a, b), inner(b, b)];
  if (Math.abs(ab) <= 1e-17 * Math.sqrt(aa * bb) || ab === 0) return false;
  const theta = (bb - aa) / (2 * ab);
  const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.hypot(1, theta));
  const c = 1 / Math.hypot(1, t);
  const s = t * c;
  for (const vectors of [columns, basis]) {
    const [x, y] = [vectors[p] ?? [], vectors[q] ?? []];
    vectors[p] = x.map((e, i) => c * e - s * (y[i] ?? 0));
    vectors[q] = x.map((e, i) => s * e + c * (y[i] ?? 0));
  }
  return true;
}

/** Appends the part of a unit vector that is orthogonal to all others, unless it is small. */
function extend(vectors: number[][], unit: number, m: number): void {
  let rest = Array.from({ length: m }, (_, i) => Number(i === unit));
  for (let pass = 0; pass < 2; pass++) {
    for (const vector of vectors) {
      const along = rest.reduce((sum, e, i) => sum + e * (vector[i] ?? 0), 0);
      rest = rest.map((e, i) => e - along * (vector[i] ?? 0));
    }
  }
  const size = Math.hypot(...rest);
  if (size > 0.5 / Math.sqrt(m)) vectors.push(rest.map((e) => e / size));
}
