import { concatenate, jacrev, type SparseJacobian, type Tensor, tensor } from '@grad/core';
import { expect } from 'vitest';

/** A sparse matrix with its zeros. */
export function denseOf({ data, pattern }: SparseJacobian): number[][] {
  const [rows, columns] = pattern.shape;
  const values = data.dataSync();
  return Array.from({ length: rows }, (_, row) => {
    const line = new Array<number>(columns).fill(0);
    for (let k = pattern.indptr[row] ?? 0; k < (pattern.indptr[row + 1] ?? 0); k++) {
      line[pattern.indices[k] ?? -1] = values[k] ?? Number.NaN;
    }
    return line;
  });
}

/** The Jacobian of a function of one tensor by `jacrev`, as a matrix. */
export function denseBy(f: (x: Tensor) => Tensor, x: Tensor): number[][] {
  const rows = f(x).size;
  const all = [...jacrev(f)(x).dataSync()];
  return Array.from({ length: rows }, (_, row) => all.slice(row * x.size, (row + 1) * x.size));
}

/** Elements of a tensor in a row. */
export const ravel = (x: Tensor): Tensor => x.reshape([-1]);

/** Elements of tensors in a row. */
export const ravelled = (xs: readonly Tensor[]): Tensor =>
  xs.length === 0 ? tensor([]) : concatenate(xs.map(ravel));

/** Compares matrices to a multiple of rounding; NaN is equal to NaN. */
export function expectMatrix(got: number[][], expected: number[][], rtol = 1e-12): void {
  expect(got.length).toBe(expected.length);
  got.forEach((line, row) => {
    line.forEach((value, column) => {
      const wanted = expected[row]?.[column] ?? Number.NaN;
      const close =
        Object.is(value, wanted) || Math.abs(value - wanted) <= rtol * (1 + Math.abs(wanted));
      if (!close) expect(`entry ${row}, ${column}: ${value}`).toBe(`${wanted}`);
    });
  });
}
