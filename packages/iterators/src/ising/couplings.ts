import {
  arange,
  eye,
  isConcrete,
  isTensor,
  matmul,
  ShapeError,
  type SparsityPattern,
  sparse,
  type Tensor,
  type TensorLike,
  take,
  tensor,
} from '@grad/core';

/** Couplings of spins in the form in which equations use them: symmetric, without a diagonal. */
export interface Couplings {
  readonly spins: number;
  /** J x. */
  times(x: Tensor): Tensor;
  /** The sum over j of J_ij^2 x_j. */
  timesSquares(x: Tensor): Tensor;
  /** The coupled pairs, each in both directions. */
  directed(): Directed;
  /** Values for directed pairs in the places of the entries of J: `[n, n]`, or `[nnz]`. */
  arrange(values: Tensor, diagonal: number): Tensor;
}

/** Pairs from i to j; `reverse` says where the pair from j to i is. */
export interface Directed {
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly reverse: Int32Array;
  readonly values: Tensor;
}

/**
 * Reads a matrix of couplings.
 *
 * @throws ShapeError when it is not square, RangeError when an entry is not finite or, of a sparse
 * matrix, has no mirror image.
 */
export function readCouplings(name: string, J: TensorLike | sparse.SparseMatrix): Couplings {
  return isSparse(J) ? sparseCouplings(name, J) : denseCouplings(name, J);
}

function isSparse(J: TensorLike | sparse.SparseMatrix): J is sparse.SparseMatrix {
  return typeof J === 'object' && !isTensor(J) && 'pattern' in J;
}

function denseCouplings(name: string, given: TensorLike): Couplings {
  const matrix = tensor(given, { dtype: 'float64' });
  const spins = matrix.shape[0] ?? 0;
  if (matrix.ndim !== 2 || matrix.shape[1] !== spins || spins < 1) {
    throw new ShapeError(
      `${name}: J has shape [${matrix.shape.join(', ')}]; give a square matrix, or a sparse one, {pattern, data}.`,
    );
  }
  checkFinite(name, matrix, (at) => `(${Math.floor(at / spins)}, ${at % spins})`);
  const J = matrix.add(matrix.transpose()).mul(0.5).mul(eye(spins).neg().add(1));
  const squares = J.square();
  return {
    spins,
    times: (x) => matmul(J, x),
    timesSquares: (x) => matmul(squares, x),
    directed: () => {
      const pairs = allPairs(spins);
      const places = pairs.from.map((from, k) => from * spins + (pairs.to[k] ?? 0));
      return { ...pairs, values: take(J.reshape([spins * spins]), places) };
    },
    arrange: (values, diagonal) => {
      const places = Int32Array.from({ length: spins * spins }, (_, at) => {
        const [i, j] = [Math.floor(at / spins), at % spins];
        return i === j ? 0 : i * (spins - 1) + j - Number(j > i);
      });
      if (spins === 1) return eye(1).mul(diagonal);
      return take(values, places)
        .reshape([spins, spins])
        .mul(eye(spins).neg().add(1))
        .add(eye(spins).mul(diagonal));
    },
  };
}

function allPairs(spins: number): Omit<Directed, 'values'> {
  const count = spins * (spins - 1);
  const other = (i: number, place: number): number => place + Number(place >= i);
  const from = Int32Array.from({ length: count }, (_, k) => Math.floor(k / (spins - 1)));
  const to = from.map((i, k) => other(i, k % (spins - 1)));
  const reverse = from.map((i, k) => {
    const j = to[k] ?? 0;
    return j * (spins - 1) + i - Number(i > j);
  });
  return { from, to, reverse };
}

function sparseCouplings(name: string, { pattern, data: given }: sparse.SparseMatrix): Couplings {
  const [spins, columns] = pattern.shape;
  const data = tensor(given, { dtype: 'float64' });
  if (spins !== columns || spins < 1 || data.ndim !== 1 || data.size !== pattern.nnz) {
    throw new ShapeError(
      `${name}: J is a sparse matrix of ${spins} rows, ${columns} columns and ${pattern.nnz} entries, with data of shape [${data.shape.join(', ')}]; give a square one with a vector of as many values.`,
    );
  }
  const { rows, mirror, off, from, to, reverse } = mirrorOf(name, pattern);
  checkFinite(name, data, (at) => `(${rows[at]}, ${pattern.indices[at]})`);
  const J = {
    pattern,
    data: data
      .add(take(data, mirror))
      .mul(0.5)
      .mul(tensor(Float64Array.from(rows, (i, k) => Number(i !== pattern.indices[k])))),
  };
  const squares = { pattern, data: J.data.square() };
  return {
    spins,
    times: (x) => sparse.matvec(J, x),
    timesSquares: (x) => sparse.matvec(squares, x),
    directed: () => ({ from, to, reverse, values: take(J.data, off) }),
    arrange: (values, diagonal) => {
      if (off.length === rows.length) return values;
      const place = new Int32Array(rows.length);
      off.forEach((entry, k) => {
        place[entry] = k;
      });
      const isOff = tensor(Float64Array.from(rows, (i, k) => Number(i !== pattern.indices[k])));
      const known = off.length === 0 ? arange(rows.length).astype('float64') : take(values, place);
      return known.mul(isOff).add(isOff.neg().add(1).mul(diagonal));
    },
  };
}

interface Mirror extends Omit<Directed, 'values'> {
  /** Row of each entry. */
  readonly rows: Int32Array;
  /** Place of the entry (j, i) for each entry (i, j). */
  readonly mirror: Int32Array;
  /** Places of entries off the diagonal: the directed pairs. */
  readonly off: Int32Array;
}

const mirrors = new WeakMap<SparsityPattern, Mirror>();

function mirrorOf(name: string, pattern: SparsityPattern): Mirror {
  const known = mirrors.get(pattern);
  if (known) return known;
  const { indptr, indices, shape } = pattern;
  const rows = new Int32Array(indices.length);
  for (let i = 0; i < shape[0]; i++) rows.fill(i, indptr[i], indptr[i + 1]);
  // Entries are visited row by row, so those of a column come in the order of their rows, which is the
  // order of the columns in the row that mirrors it.
  const next = indptr.slice();
  const mirror = rows.map((i, k) => {
    const j = indices[k] ?? 0;
    const at = next[j] ?? 0;
    if (at >= (indptr[j + 1] ?? 0) || indices[at] !== i) {
      throw new RangeError(
        `${name}: J has an entry at (${i}, ${j}) or (${j}, ${indices[at] ?? i}) without one at the mirrored place; a sparse J needs both.`,
      );
    }
    next[j] = at + 1;
    return at;
  });
  const off = Int32Array.from(rows.keys()).filter((k) => rows[k] !== indices[k]);
  const order = new Int32Array(rows.length);
  off.forEach((entry, k) => {
    order[entry] = k;
  });
  const made: Mirror = {
    rows,
    mirror,
    off,
    from: off.map((k) => rows[k] ?? 0),
    to: off.map((k) => indices[k] ?? 0),
    reverse: off.map((k) => order[mirror[k] ?? 0] ?? 0),
  };
  mirrors.set(pattern, made);
  return made;
}

function checkFinite(name: string, values: Tensor, place: (at: number) => string): void {
  if (!isConcrete(values)) return;
  values.read((numbers) => {
    const wrong = numbers.findIndex((x) => !Number.isFinite(x));
    if (wrong >= 0) {
      throw new RangeError(
        `${name}: J is ${numbers[wrong]} at ${place(wrong)}; give finite numbers.`,
      );
    }
  });
}
