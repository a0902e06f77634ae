import { at, increase, startsOf } from '../../primitives/sparse/analysis/integers.ts';
import { SparsityPattern } from '../../tensor/sparsity-pattern.ts';
import { fromData, type Tensor } from '../../tensor/tensor.ts';

/** Numbers as a tensor, for kernels to read. */
export function listOf(numbers: Int32Array): Tensor {
  return fromData('int32', [numbers.length], numbers);
}

/** The pattern of a transposed matrix, and where each of its entries is in the matrix. */
export interface TransposedPattern {
  readonly pattern: SparsityPattern;
  readonly source: Int32Array;
}

/** What is found out about a pattern once, and kept with it. */
class PatternLists {
  readonly pattern: SparsityPattern;
  readonly #known = new Map<string, unknown>();

  constructor(pattern: SparsityPattern) {
    this.pattern = pattern;
  }

  /** Row of each entry. */
  get rows(): Int32Array {
    return this.once('rows', () => {
      const { indptr, nnz } = this.pattern;
      const rows = new Int32Array(nnz);
      for (let i = 0; i + 1 < indptr.length; i++) rows.fill(i, at(indptr, i), at(indptr, i + 1));
      return rows;
    });
  }

  /** Tensors of the bounds of rows, and of the row and the column of each entry. */
  get tensors(): { readonly bounds: Tensor; readonly rows: Tensor; readonly columns: Tensor } {
    return this.once('tensors', () => ({
      bounds: listOf(this.pattern.indptr),
      rows: listOf(this.rows),
      columns: listOf(this.pattern.indices),
    }));
  }

  /** The entry on the diagonal of each row; `nnz` where there is none. */
  get diagonal(): Int32Array {
    return this.once('diagonal', () => {
      const { shape, indices, nnz } = this.pattern;
      const places = new Int32Array(Math.min(...shape)).fill(nnz);
      this.rows.forEach((row, e) => {
        if (at(indices, e) === row) places[row] = e;
      });
      return places;
    });
  }

  get transposed(): TransposedPattern {
    return this.once('transposed', () => {
      const { shape, indices, nnz } = this.pattern;
      const [rows, columns] = shape;
      const counts = new Int32Array(columns + 1);
      for (const column of indices) increase(counts, column, 1);
      const indptr = startsOf(counts);
      const next = indptr.slice();
      const source = new Int32Array(nnz);
      const transposed = new Int32Array(nnz);
      this.rows.forEach((row, e) => {
        const to = at(next, at(indices, e));
        increase(next, at(indices, e), 1);
        source[to] = e;
        transposed[to] = row;
      });
      const pattern = new SparsityPattern({ shape: [columns, rows], indptr, indices: transposed });
      return { pattern, source };
    });
  }

  /** Whether there is an entry (j, i) for each entry (i, j). */
  get isSymmetric(): boolean {
    const { pattern } = this.transposed;
    const same = (a: Int32Array, b: Int32Array): boolean => a.every((x, i) => x === b[i]);
    const { shape, indptr, indices } = this.pattern;
    return shape[0] === shape[1] && same(indptr, pattern.indptr) && same(indices, pattern.indices);
  }

  /** What `find` gives, found once. The type is that of the finder of the key. */
  once<T>(key: string, find: () => T): T {
    if (!this.#known.has(key)) this.#known.set(key, find());
    return this.#known.get(key) as T;
  }
}

const lists = new WeakMap<SparsityPattern, PatternLists>();

/** What is known about a pattern. */
export function listsOf(pattern: SparsityPattern): PatternLists {
  let own = lists.get(pattern);
  if (own === undefined) {
    own = new PatternLists(pattern);
    lists.set(pattern, own);
  }
  return own;
}

export type { PatternLists };
