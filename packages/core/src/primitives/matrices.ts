import { type Affine, affineAdd, affineConst, affineScale, type Index } from '../kernel/affine.ts';
import type { Expr } from '../kernel/expr.ts';
import { binary, indexValue, onlyWhere } from '../kernel/scalars.ts';
import { DTypeError, ShapeError } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { describeType, type TensorType } from '../tensor/type.ts';
import type { Read } from './define.ts';
import { alignBatch } from './elementwise.ts';
import type { NestBuilder } from './nest-builder.ts';
import { reshape } from './reshape.ts';
import { sumOrder } from './sum-order.ts';
import { transpose } from './transpose.ts';

/** Matrices up to this order are factorized by straight-line code. */
export const mostUnrolled = 6;

/** Rows and columns of the blocks of larger ones; a multiple of the sides of all tiles. */
const blockSize = 48;

/** Batch, rows and columns of a batch of matrices of floats. */
export function matrixExtents(
  name: string,
  x: TensorType,
): { readonly batch: number; readonly rows: number; readonly columns: number } {
  const [batch, rows, columns, ...more] = x.shape;
  if (batch === undefined || rows === undefined || columns === undefined || more.length > 0) {
    throw new ShapeError(
      `${name}: a batch of matrices [b, m, n] is needed; got ${describeType(x)}.`,
    );
  }
  if (x.dtype !== 'float64' && x.dtype !== 'float32') {
    throw new DTypeError(`${name}: works on float64, float32; got ${describeType(x)}.`);
  }
  return { batch, rows, columns };
}

/** The same of square ones. */
export function squareExtents(
  name: string,
  x: TensorType,
): { readonly batch: number; readonly order: number } {
  const { batch, rows, columns } = matrixExtents(name, x);
  if (rows !== columns) {
    throw new ShapeError(`${name}: the matrices must be square; got ${describeType(x)}.`);
  }
  return { batch, order: rows };
}

/** A batch of batches as one batch. */
function mergeBatch(x: Tensor): Tensor {
  const [size = 0, batch = 0, ...rest] = x.shape;
  return reshape(x, { shape: [size * batch, ...rest] });
}

/** An operation on batches of matrices, one result for each, on batches of batches. */
export function overBatches(
  operands: readonly Tensor[],
  apply: (operands: readonly Tensor[]) => Tensor,
): Tensor {
  const [size = 0, batch = 0] = operands[0]?.shape ?? [];
  const result = apply(operands.map(mergeBatch));
  return reshape(result, { shape: [size, batch, ...result.shape.slice(1)] });
}

/** Each matrix transposed. */
export function matrixTranspose(x: Tensor): Tensor {
  const lead = x.shape.slice(0, -2).map((_, axis) => axis);
  return transpose(x, { perm: [...lead, lead.length + 1, lead.length] });
}

/**
 * An operation on matrices and right-hand sides, the last operand, under `vmap`. Where only these
 * have the axis, they become more columns of one; else the batches become one.
 */
export function batchedSolve(
  operands: readonly Tensor[],
  batched: readonly boolean[],
  apply: (operands: readonly Tensor[]) => Tensor,
): Tensor {
  const given = operands.at(-1);
  if (!given) throw new Error('unreachable');
  const fixed = operands.slice(0, -1);
  if (!batched.slice(0, -1).includes(true)) {
    const [size = 0, batch = 0, n = 0, columns = 0] = given.shape;
    const wide = reshape(transpose(given, { perm: [1, 2, 0, 3] }), {
      shape: [batch, n, size * columns],
    });
    const solved = apply([...fixed, wide]);
    const rows = solved.shape[1] ?? 0;
    const apart = reshape(solved, { shape: [batch, rows, size, columns] });
    return transpose(apart, { perm: [2, 0, 1, 3] });
  }
  return overBatches(alignBatch(operands, batched), apply);
}

/** A position after another. */
export function after(start: Affine, by: Affine | number): Affine {
  return affineAdd(start, typeof by === 'number' ? affineConst(by) : by);
}

/** Numbers from one position up to another: where it starts, and how many where that is known. */
export interface Block {
  readonly start: Affine;
  readonly size: number;
}

/** Blocks of an axis from number `from` on, in order, and the last one, which may be smaller. */
export function eachBlock(
  k: NestBuilder,
  extent: number,
  from: Affine,
  body: (block: Block, number: Affine | undefined) => void,
): void {
  const whole = Math.floor(extent / blockSize);
  k.range(from, affineConst(whole), (number) =>
    body({ start: affineScale(number, blockSize), size: blockSize }, number),
  );
  const rest = extent % blockSize;
  if (rest > 0) body({ start: affineConst(whole * blockSize), size: rest }, undefined);
}

/** Number of the matrix and of the pivot as the detail of a failure. */
export function pivotDetail(entry: Affine, order: number, pivot: Affine): Expr {
  return indexValue(affineAdd(affineScale(entry, order), pivot));
}

/**
 * Takes the product of two blocks away from a block of the result: rows by `terms` times `terms` by
 * columns. The reads are given positions in the block.
 */
export function subtractProduct(
  k: NestBuilder,
  extents: { readonly rows: number; readonly columns: number; readonly terms: number },
  left: (row: Affine, term: Affine) => Expr,
  right: (term: Affine, column: Affine) => Expr,
  at: (row: Affine, column: Affine) => Index,
): void {
  const { rows, columns, terms } = extents;
  k.forEach([rows, columns], ([row, column]) => {
    if (!row || !column) throw new Error('unreachable');
    const product = ([term]: Index): Expr => {
      if (!term) throw new Error('unreachable');
      return binary('mul', left(row, term), right(term, column));
    };
    const { type } = product([affineConst(0)]);
    const sum = k.reduce('add', [terms], product, sumOrder(type, extents));
    const to = at(row, column);
    k.write(0, to, binary('sub', k.readResult(0, to), sum));
  });
}

/** All elements of a small matrix, by constant positions. */
export function readMatrix(read: Read, entry: Affine, rows: number, columns: number): Expr[][] {
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, j) => read([entry, affineConst(i), affineConst(j)])),
  );
}

/** Elements of a matrix that hang on all of some checks: whoever reads one of them has made all. */
export function hungOn(checks: readonly Expr[]): (value: Expr) => Expr {
  const [first, ...others] = checks;
  if (!first) return (value) => value;
  const good = others.reduce((all, check) => binary('and', all, check), first);
  return (value) => onlyWhere(good, value);
}

/** An element that must be there. */
export function element(matrix: readonly (readonly Expr[])[], row: number, column: number): Expr {
  const found = matrix[row]?.[column];
  if (!found) throw new Error('unreachable');
  return found;
}
