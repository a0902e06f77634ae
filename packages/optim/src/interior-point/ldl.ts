import { minimumDegree } from './minimum-degree.ts';

/**
 * Where factors L D L' of sparse symmetric matrices of one pattern have entries, in an order of elimination that leaves few. It
 * serves any number of factors.
 */
export class FactorPattern {
  readonly size: number;
  /** The place of each row in the order. */
  readonly place: Int32Array;
  /** Where each entry of the matrix is added. */
  readonly slots: Int32Array;
  /** The upper triangle by columns, in the order. */
  readonly columns: Int32Array;
  readonly rows: Int32Array;
  /** The elimination tree. */
  readonly parent: Int32Array;
  /** Where columns of L start. */
  readonly starts: Int32Array;

  /** Entries of one triangle; those at one place are summed. The first `variables` rows are no constraints. */
  constructor(
    size: number,
    variables: number,
    entries: readonly (readonly [row: number, column: number])[],
  ) {
    const order = minimumDegree(size, variables, entries);
    this.size = size;
    this.place = new Int32Array(size);
    order.forEach((row, k) => {
      this.place[row] = k;
    });
    const placed = entries.map(([row, column]) => {
      const [a, b] = [this.place[row] ?? 0, this.place[column] ?? 0];
      return [Math.min(a, b), Math.max(a, b)] as const;
    });
    const sorted = placed.map((_, i) => i).sort((i, j) => compare(placed[i], placed[j]));
    this.slots = new Int32Array(entries.length);
    this.columns = new Int32Array(size + 1);
    const rows: number[] = [];
    let last: readonly [number, number] = [-1, -1];
    for (const i of sorted) {
      const now = placed[i] ?? last;
      if (now[0] !== last[0] || now[1] !== last[1]) {
        rows.push(now[0]);
        this.columns[now[1] + 1] = rows.length;
      }
      this.slots[i] = rows.length - 1;
      last = now;
    }
    for (let k = 1; k <= size; k++) {
      this.columns[k] = Math.max(this.columns[k] ?? 0, this.columns[k - 1] ?? 0);
    }
    this.rows = Int32Array.from(rows);
    this.parent = new Int32Array(size).fill(-1);
    this.starts = this.#countEntries();
  }

  #countEntries(): Int32Array {
    const size = this.size;
    const flag = new Int32Array(size).fill(-1);
    const counts = new Int32Array(size);
    for (let k = 0; k < size; k++) {
      flag[k] = k;
      for (let p = this.columns[k] ?? 0; p < (this.columns[k + 1] ?? 0); p++) {
        for (let i = this.rows[p] ?? k; flag[i] !== k; i = this.parent[i] ?? k) {
          if (this.parent[i] === -1) this.parent[i] = k;
          counts[i] = (counts[i] ?? 0) + 1;
          flag[i] = k;
        }
      }
    }
    const starts = new Int32Array(size + 1);
    for (let k = 0; k < size; k++) starts[k + 1] = (starts[k] ?? 0) + (counts[k] ?? 0);
    return starts;
  }
}

/**
 * Factors L D L' of sparse symmetric matrices of one pattern, with D diagonal and a fixed order. The signs of D
 * are those of the eigenvalues (Sylvester), which is what an interior-point method has to know. There are
 * no exchanges for stability: that is left to regularization and refinement (R. Vanderbei, Symmetric
 * quasidefinite matrices, SIAM J. Optim. 5 (1995) 100).
 *
 * The factorization goes row by row along the elimination tree: T. Davis, Algorithm 849, ACM TOMS 31
 * (2005) 587.
 */
export class SymmetricFactor {
  readonly #pattern: FactorPattern;
  readonly #values: Float64Array;
  readonly #lRows: Int32Array;
  readonly #l: Float64Array;
  readonly #d: Float64Array;

  constructor(pattern: FactorPattern) {
    const { size, starts, rows } = pattern;
    this.#pattern = pattern;
    this.#values = new Float64Array(rows.length);
    const nnz = starts[size] ?? 0;
    this.#lRows = new Int32Array(nnz);
    this.#l = new Float64Array(nnz);
    this.#d = new Float64Array(size);
  }

  /** Factorizes; the number of negative eigenvalues, or -1 where a pivot is 0 or not finite. */
  factorize(entries: Float64Array): number {
    const { size, slots, columns, rows, parent, starts } = this.#pattern;
    const [values, l, d, lRows] = [this.#values.fill(0), this.#l, this.#d, this.#lRows];
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i] ?? 0;
      values[slot] = (values[slot] ?? 0) + (entries[i] ?? 0);
    }
    const flag = new Int32Array(size).fill(-1);
    const y = new Float64Array(size);
    const ends = starts.slice(0, size);
    const path = new Int32Array(size);
    let negative = 0;
    for (let k = 0; k < size; k++) {
      let top = size;
      flag[k] = k;
      for (let p = columns[k] ?? 0; p < (columns[k + 1] ?? 0); p++) {
        const row = rows[p] ?? k;
        y[row] = (y[row] ?? 0) + (values[p] ?? 0);
        let length = 0;
        for (let i = row; flag[i] !== k; i = parent[i] ?? k) {
          path[length++] = i;
          flag[i] = k;
        }
        while (length > 0) path[--top] = path[--length] ?? 0;
      }
      let pivot = y[k] ?? 0;
      const size0 = Math.abs(pivot);
      y[k] = 0;
      for (; top < size; top++) {
        const i = path[top] ?? 0;
        const yi = y[i] ?? 0;
        y[i] = 0;
        const end = ends[i] ?? 0;
        for (let p = starts[i] ?? 0; p < end; p++) {
          const row = lRows[p] ?? 0;
          y[row] = (y[row] ?? 0) - (l[p] ?? 0) * yi;
        }
        const factor = yi / (d[i] ?? 1);
        pivot -= factor * yi;
        lRows[end] = k;
        l[end] = factor;
        ends[i] = end + 1;
      }
      if (!Number.isFinite(pivot) || Math.abs(pivot) <= 1e-15 * size0 || pivot === 0) return -1;
      d[k] = pivot;
      if (pivot < 0) negative++;
    }
    return negative;
  }

  /** The solution with the last factors. */
  solve(b: Float64Array): Float64Array {
    const { size, place, starts } = this.#pattern;
    const [l, d, lRows] = [this.#l, this.#d, this.#lRows];
    const x = new Float64Array(size);
    for (let row = 0; row < size; row++) x[place[row] ?? 0] = b[row] ?? 0;
    for (let k = 0; k < size; k++) {
      const xk = x[k] ?? 0;
      for (let p = starts[k] ?? 0; p < (starts[k + 1] ?? 0); p++) {
        const row = lRows[p] ?? 0;
        x[row] = (x[row] ?? 0) - (l[p] ?? 0) * xk;
      }
    }
    for (let k = size - 1; k >= 0; k--) {
      let xk = (x[k] ?? 0) / (d[k] ?? 1);
      for (let p = starts[k] ?? 0; p < (starts[k + 1] ?? 0); p++) {
        xk -= (l[p] ?? 0) * (x[lRows[p] ?? 0] ?? 0);
      }
      x[k] = xk;
    }
    const solution = new Float64Array(size);
    for (let row = 0; row < size; row++) solution[row] = x[place[row] ?? 0] ?? 0;
    return solution;
  }
}

function compare(
  [rowA, columnA]: readonly [number, number] = [0, 0],
  [rowB, columnB]: readonly [number, number] = [0, 0],
): number {
  return columnA - columnB || rowA - rowB;
}
