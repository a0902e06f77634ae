import { at, startsOf } from '../../primitives/sparse/analysis/integers.ts';
import { rowSums } from '../../primitives/sparse/row-sums.ts';
import { take } from '../../primitives/take.ts';
import { ShapeError } from '../../tensor/shape.ts';
import { SparsityPattern } from '../../tensor/sparsity-pattern.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { mul } from '../elementwise.ts';
import { listOf, listsOf } from './pattern-lists.ts';
import type { SparseMatrix } from './sparse-matrix.ts';

/** Which products of entries are added to which entry of a product of matrices. */
interface Products {
  readonly pattern: SparsityPattern;
  readonly left: Tensor;
  readonly right: Tensor;
  readonly bounds: Tensor;
  readonly entries: Tensor;
}

const known = new WeakMap<SparsityPattern, WeakMap<SparsityPattern, Products>>();

/** The product of two sparse matrices; which entries meet is found once for each pair of patterns. */
export function sparseProduct(a: SparseMatrix, b: SparseMatrix): SparseMatrix {
  if (a.pattern.shape[1] !== b.pattern.shape[0]) {
    throw new ShapeError(
      `sparse.matmul: the inner extents ${a.pattern.shape[1]} and ${b.pattern.shape[0]} differ.`,
    );
  }
  let own = known.get(a.pattern);
  if (own === undefined) {
    own = new WeakMap();
    known.set(a.pattern, own);
  }
  let products = own.get(b.pattern);
  if (products === undefined) {
    products = productsOf(a.pattern, b.pattern);
    own.set(b.pattern, products);
  }
  const { pattern, left, right, bounds, entries } = products;
  const terms = mul(take(a.data, left, { batch: 0 }), take(b.data, right, { batch: 0 }));
  return { data: rowSums(terms, bounds, entries, { batch: 0 }), pattern };
}

function productsOf(a: SparsityPattern, b: SparsityPattern): Products {
  const shape = [a.shape[0], b.shape[1]] as const;
  const indptr = new Int32Array(shape[0] + 1);
  const indices: number[] = [];
  const counts: number[] = [];
  // The entry of the row at hand in each column, and the row in which it was found.
  const entryAt = new Int32Array(shape[1]);
  const seen = new Int32Array(shape[1]).fill(-1);
  const meet = (visit: (row: number, e: number, f: number) => void): void => {
    for (let row = 0; row < shape[0]; row++) {
      for (let e = at(a.indptr, row); e < at(a.indptr, row + 1); e++) {
        const inner = at(a.indices, e);
        for (let f = at(b.indptr, inner); f < at(b.indptr, inner + 1); f++) visit(row, e, f);
      }
    }
  };
  meet((row, _, f) => {
    const column = at(b.indices, f);
    if (at(seen, column) === row) return;
    seen[column] = row;
    indices.push(column);
    indptr[row + 1] = indices.length;
  });
  for (let row = 0; row < shape[0]; row++) {
    indptr[row + 1] = Math.max(at(indptr, row + 1), at(indptr, row));
  }
  for (let row = 0; row < shape[0]; row++) {
    const own = indices.slice(at(indptr, row), at(indptr, row + 1)).sort((x, y) => x - y);
    own.forEach((column, i) => {
      indices[at(indptr, row) + i] = column;
    });
  }
  // Which entry each product belongs to; those of an entry are brought together by counting.
  const entryOf: number[] = [];
  let last = -1;
  meet((row, _, f) => {
    if (row !== last) {
      const to = indptr[row + 1] ?? 0;
      for (let e = at(indptr, row); e < to; e++) entryAt[indices[e] ?? 0] = e;
      last = row;
    }
    const entry = at(entryAt, at(b.indices, f));
    entryOf.push(entry);
    counts[entry] = (counts[entry] ?? 0) + 1;
  });
  const starts = startsOf(Int32Array.from([...counts, 0]));
  const next = starts.slice();
  const left = new Int32Array(entryOf.length);
  const right = new Int32Array(entryOf.length);
  let product = 0;
  meet((_, e, f) => {
    const entry = entryOf[product++] ?? 0;
    const place = at(next, entry);
    next[entry] = place + 1;
    left[place] = e;
    right[place] = f;
  });
  const runs = new SparsityPattern({
    shape: [indices.length, left.length],
    indptr: starts,
    indices: Int32Array.from(left, (_, i) => i),
  });
  const { tensors } = listsOf(runs);
  return {
    pattern: new SparsityPattern({ shape, indptr, indices }),
    left: listOf(left),
    right: listOf(right),
    bounds: tensors.bounds,
    entries: tensors.rows,
  };
}
