import type { Shape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { reshape } from './reshape.ts';
import { slice } from './slice.ts';

export interface SvdParams {
  /** Which singular vectors are wanted: none, as many as there are values, or two whole bases. */
  readonly vectors: 'none' | 'thin' | 'full';
}

/** Where singular values and vectors are in the result of `svd`. */
export interface SvdPacking {
  readonly m: number;
  readonly n: number;
  readonly short: number;
  readonly long: number;
  /** Singular values that have vectors. */
  readonly vectors: number;
  /** Rows of U', which come first. */
  readonly leftRows: number;
  /** Rows of V'. */
  readonly rightRows: number;
  /** Where the values begin. */
  readonly values: number;
  /** Where the rows of V' begin. */
  readonly right: number;
  readonly size: number;
}

/** The packing for matrices of a shape. */
export function packingOf(shape: Shape, { vectors }: SvdParams): SvdPacking {
  const [m = 0, n = 0] = shape.slice(-2);
  const [short, long] = [Math.min(m, n), Math.max(m, n)];
  const counts = { none: [0, 0], thin: [short, short], full: [m, n] } as const;
  const [leftRows, rightRows] = counts[vectors];
  const values = leftRows * m;
  const right = values + short;
  return {
    m,
    n,
    short,
    long,
    vectors: vectors === 'none' ? 0 : short,
    leftRows,
    rightRows,
    values,
    right,
    size: right + rightRows * n,
  };
}

/** The parts of a result of `svd` for matrices of a shape: rows of U', one row of values, rows of V'. */
export function unpackSvd(
  packed: Tensor,
  shape: Shape,
  params: SvdParams,
): { readonly u: Tensor; readonly s: Tensor; readonly v: Tensor } {
  const { m, n, short, leftRows, rightRows, values, right } = packingOf(shape, params);
  const lead = shape.slice(0, -2);
  const part = (from: number, rows: number, columns: number): Tensor => {
    const flat = slice(packed, {
      start: [...lead.map(() => 0), from],
      extents: [...lead, rows * columns],
      step: packed.shape.map(() => 1),
    });
    return reshape(flat, { shape: [...lead, rows, columns] });
  };
  return { u: part(0, leftRows, m), s: part(values, 1, short), v: part(right, rightRows, n) };
}
