import { reduceSum } from '../../primitives/reduce.ts';
import { reshape } from '../../primitives/reshape.ts';
import { lowerTriangle, upperTriangle } from '../../primitives/triangle.ts';
import { checkOptions, checkWhole } from '../../tensor/check.ts';
import type { TensorLike } from '../../tensor/methods.ts';
import { formatShape, ShapeError } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { pad } from '../pad.ts';
import { at, broadcastTo, expandDims } from '../shape.ts';
import { asTensor } from '../tensor.ts';

/** Which diagonal is meant. */
export interface OffsetOption {
  /** How far to the right of the main diagonal; negative ones lie below it. */
  readonly offset?: number;
}

/** More elements than fit into memory; offsets beyond it leave all or nothing. */
const largestExtent = 2 ** 30;

/** The offset of an option, a whole number. */
export function offsetOf(name: string, options: OffsetOption): number {
  checkOptions(name, options, ['offset']);
  const { offset = 0 } = options;
  checkWhole(name, 'the offset', offset);
  return Math.min(Math.max(offset, -largestExtent), largestExtent);
}

/** A tensor with two axes at least. */
export function matrixLike(name: string, x: TensorLike): Tensor {
  const made = asTensor(x, name);
  if (made.ndim >= 2) return made;
  throw new ShapeError(
    `${name}: the argument has shape ${formatShape(made.shape)}; a matrix has two axes at least.`,
  );
}

/** The diagonal of matrices `[..., m, n]`, as the last axis of the result. */
export function diagonal(x: TensorLike, options: OffsetOption = {}): Tensor {
  const name = 'linalg.diagonal';
  const offset = offsetOf(name, options);
  const made = matrixLike(name, x);
  const lead = made.shape.slice(0, -2);
  const [rows = 0, columns = 0] = made.shape.slice(-2);
  const first = offset >= 0 ? offset : -offset * columns;
  const length = Math.max(0, Math.min(rows + Math.min(offset, 0), columns - Math.max(offset, 0)));
  const leading = lead.map(() => null);
  const flat = reshape(made, { shape: [...lead, rows * columns] });
  if (length === 0) return at(flat, ...leading, [0, 0]);
  const last = first + (length - 1) * (columns + 1) + 1;
  return at(flat, ...leading, [first, last, columns + 1]);
}

/**
 * Square matrices with the elements of vectors `[..., n]` on a diagonal, the main one unless said otherwise, and
 * zeros elsewhere: what `diagonal` takes them from.
 *
 * @throws ShapeError for a scalar.
 */
export function diag(x: TensorLike, options: OffsetOption = {}): Tensor {
  const name = 'linalg.diag';
  const offset = offsetOf(name, options);
  const made = asTensor(x, name);
  if (made.ndim === 0) {
    throw new ShapeError(`${name}: the argument is a scalar; it has to have one axis at least.`);
  }
  const lead = made.shape.slice(0, -1);
  const size = (made.shape.at(-1) ?? 0) + Math.abs(offset);
  const around = [Math.max(-offset, 0), Math.max(offset, 0)] as const;
  const rows = expandDims(pad(made, [...lead.map(() => 0), around]), -1);
  const full = broadcastTo(rows, [...lead, size, size]);
  return upperTriangle(lowerTriangle(full, offset), offset);
}

/** The sum of the diagonal of matrices `[..., m, n]`. */
export function trace(x: TensorLike, options: OffsetOption = {}): Tensor {
  const name = 'linalg.trace';
  const offset = offsetOf(name, options);
  const elements = diagonal(matrixLike(name, x), { offset });
  const terms = elements.dtype === 'bool' ? elements.astype('int32') : elements;
  return reduceSum(terms, { axes: [terms.ndim - 1] });
}
