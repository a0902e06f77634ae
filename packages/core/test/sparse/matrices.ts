import { SparsityPattern, type sparse, type Tensor, tensor } from '@grad/core';
import { fromData } from '../../src/tensor/tensor.ts';

/** Numbers in (0, 1), the same each time. */
export function numbers(seed: number): () => number {
  let state = (seed * 2654435761 + 12345) % 2147483647;
  return () => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647;
  };
}

type Entry = (row: number, column: number) => number | undefined;

/** A matrix of a shape from its entries, row by row. */
export function matrixOf(
  rows: number,
  columns: number,
  entry: Entry,
  dtype: 'float64' | 'float32' = 'float64',
): sparse.SparseMatrix {
  const indptr = [0];
  const indices: number[] = [];
  const values: number[] = [];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const value = entry(i, j);
      if (value === undefined) continue;
      indices.push(j);
      values.push(value);
    }
    indptr.push(indices.length);
  }
  const pattern = new SparsityPattern({ shape: [rows, columns], indptr, indices });
  return { data: tensor(values, { dtype }), pattern };
}

/** The matrix of second differences on a grid of so many points along each axis, with zeros outside. */
export function laplacian(...extents: readonly number[]): sparse.SparseMatrix {
  const size = extents.reduce((product, extent) => product * extent, 1);
  const indptr = new Int32Array(size + 1);
  const indices: number[] = [];
  const values: number[] = [];
  for (let i = 0; i < size; i++) {
    const columns = [i];
    let stride = 1;
    for (const extent of extents) {
      const at = Math.floor(i / stride) % extent;
      if (at > 0) columns.push(i - stride);
      if (at < extent - 1) columns.push(i + stride);
      stride *= extent;
    }
    for (const j of columns.sort((a, b) => a - b)) {
      indices.push(j);
      values.push(j === i ? 2 * extents.length : -1);
    }
    indptr[i + 1] = indices.length;
  }
  const pattern = new SparsityPattern({ shape: [size, size], indptr, indices });
  return { data: tensor(values), pattern };
}

/** Symmetric positive definite matrices whose patterns break implementations. */
export const definite: readonly (readonly [title: string, matrix: sparse.SparseMatrix])[] = [
  [
    'an arrow from the first row',
    matrixOf(9, 9, (i, j) => (i === j ? 9 : i * j === 0 ? 1 : undefined)),
  ],
  [
    'an arrow to the last row',
    matrixOf(9, 9, (i, j) => (i === j ? 9 : i === 8 || j === 8 ? -1 : undefined)),
  ],
  ['a band', matrixOf(23, 23, (i, j) => (i === j ? 6 : Math.abs(i - j) < 4 ? -0.9 : undefined))],
  ['a grid', laplacian(5, 7)],
  ['a grid of three axes', laplacian(3, 4, 3)],
  [
    'parts that are not connected',
    matrixOf(12, 12, (i, j) => (i === j ? 3 : i % 3 === j % 3 ? 0.4 : undefined)),
  ],
  ['a diagonal', matrixOf(6, 6, (i, j) => (i === j ? 1 + i : undefined))],
  ['a dense matrix', matrixOf(17, 17, (i, j) => (i === j ? 20 : 1 / (1 + i + j)))],
  ['random entries', randomDefinite(40, 3)],
  ['one number', matrixOf(1, 1, () => 4)],
  ['nothing', matrixOf(0, 0, () => undefined)],
];

function randomDefinite(n: number, seed: number): sparse.SparseMatrix {
  const next = numbers(seed);
  const at = new Map<string, number>();
  for (let k = 0; k < 3 * n; k++) {
    const [i, j] = [Math.floor(next() * n), Math.floor(next() * n)];
    if (i === j) continue;
    const value = next() - 0.5;
    at.set(`${i} ${j}`, value);
    at.set(`${j} ${i}`, value);
  }
  return matrixOf(n, n, (i, j) => (i === j ? 6 : at.get(`${i} ${j}`)));
}

/** Matrices without symmetry, whose diagonals may lack entries. */
export const general: readonly (readonly [title: string, matrix: sparse.SparseMatrix])[] = [
  ['a shift', matrixOf(7, 7, (i, j) => (j === (i + 1) % 7 ? 1 + i : undefined))],
  ['a saddle', matrixOf(9, 9, (i, j) => saddle(i, j))],
  ['an upper triangle', matrixOf(6, 6, (i, j) => (j >= i ? 1 + i + 0.3 * j : undefined))],
  ['a dense row', matrixOf(15, 15, (i, j) => (i === j ? 5 : i === 4 ? 0.5 + j : undefined))],
  ['a dense column', matrixOf(15, 15, (i, j) => (i === j ? 5 : j === 4 ? 0.5 - i : undefined))],
  ['a flow', matrixOf(30, 30, (i, j) => flow(i, j))],
  ['exchanges', matrixOf(8, 8, (i, j) => (i === j ? 1e-9 : 1 / (1 + ((5 * i + 3 * j) % 11))))],
  ['random entries', randomGeneral(40, 7)],
];

/** Five unknowns and four constraints, with zeros on the diagonal for these. */
function saddle(i: number, j: number): number | undefined {
  if (i < 5 && j < 5) return i === j ? 2 + i : undefined;
  const [a, b] = [Math.min(i, j), Math.max(i, j) - 5];
  if (a >= 5) return undefined;
  return a === b || a === b + 1 ? 1 + a : undefined;
}

function flow(i: number, j: number): number | undefined {
  if (i === j) return 4;
  if (Math.abs(i - j) === 5) return i < j ? -1.9 : -0.1;
  if (Math.abs(i - j) === 1) return i < j ? -1.5 : -0.5;
  return undefined;
}

function randomGeneral(n: number, seed: number): sparse.SparseMatrix {
  const next = numbers(seed);
  const at = new Map<string, number>();
  for (let k = 0; k < 4 * n; k++) {
    at.set(`${Math.floor(next() * n)} ${Math.floor(next() * n)}`, next() - 0.5);
  }
  return matrixOf(n, n, (i, j) => (i === (j + 3) % n ? 4 : at.get(`${i} ${j}`)));
}

/** A vector of numbers in (-1, 1). */
export function vector(n: number, seed = 1, dtype: 'float64' | 'float32' = 'float64'): Tensor {
  const next = numbers(seed);
  const data = dtype === 'float64' ? new Float64Array(n) : new Float32Array(n);
  for (let i = 0; i < n; i++) data[i] = 2 * next() - 1;
  return fromData(dtype, [n], data);
}

/** The elements of a dense matrix, row by row, as numbers. */
export function rowsOf({ data, pattern }: sparse.SparseMatrix): number[][] {
  const values = data.dataSync();
  const [rows, columns] = pattern.shape;
  const dense = Array.from({ length: rows }, () => new Array<number>(columns).fill(0));
  for (let i = 0; i < rows; i++) {
    for (let k = pattern.indptr[i] ?? 0; k < (pattern.indptr[i + 1] ?? 0); k++) {
      const row = dense[i];
      const column = pattern.indices[k];
      if (row && column !== undefined) row[column] = values[k] ?? 0;
    }
  }
  return dense;
}

/** The solution of a dense system by Gaussian elimination with exchanges of rows. */
export function solveDense(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = a.map((row, i) => [...row, b[i] ?? 0]);
  const n = rows.length;
  const get = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let k = 0; k < n; k++) {
    let best = k;
    for (let i = k; i < n; i++) if (Math.abs(get(i, k)) > Math.abs(get(best, k))) best = i;
    const [top, other] = [rows[k], rows[best]];
    if (top && other) [rows[k], rows[best]] = [other, top];
    for (let i = k + 1; i < n; i++) {
      const factor = get(i, k) / get(k, k);
      rows[i] = (rows[i] ?? []).map((x, j) => x - factor * get(k, j));
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--) {
    let sum = get(i, n);
    for (let j = i + 1; j < n; j++) sum -= get(i, j) * (x[j] ?? 0);
    x[i] = sum / get(i, i);
  }
  return x;
}
