import type { TensorLike } from '../../tensor/methods.ts';
import {
  broadcastShapes,
  formatShape,
  type Shape,
  ShapeError,
  sizeOf,
} from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { promote, toFloat } from '../promote.ts';
import { broadcastTo, reshape } from '../shape.ts';
import { checkMatrix } from './matrix-argument.ts';

/** Matrices in the last two axes as one batch `[b, m, n]`, and the axes before them. */
export interface Matrices {
  readonly x: Tensor;
  readonly lead: Shape;
  readonly rows: number;
  readonly columns: number;
}

/** The argument of a function on matrices; integers become float64. */
export function matricesOf(name: string, given: TensorLike): Matrices {
  return flattened(name, toFloat(given, name), 'the argument');
}

/** The same, of square ones. */
export function squareOf(name: string, given: TensorLike): Matrices {
  const made = matricesOf(name, given);
  checkSquare(name, made, 'the argument');
  return made;
}

/** Refuses matrices that are not square. */
function checkSquare(name: string, { lead, rows, columns }: Matrices, what: string): void {
  if (rows === columns) return;
  throw new ShapeError(
    `${name}: ${what} has shape ${formatShape([...lead, rows, columns])}; its last two axes must be equal. For other systems of equations there is lstsq.`,
  );
}

function flattened(name: string, x: Tensor, what: string): Matrices {
  checkMatrix(name, x, what);
  const [rows = 0, columns = 0] = x.shape.slice(-2);
  const lead = x.shape.slice(0, -2);
  return { x: reshape(x, [sizeOf(lead), rows, columns]), lead, rows, columns };
}

/** Matrices and right-hand sides in one batch, and how the solution is given back. */
export interface Equations {
  readonly a: Tensor;
  readonly b: Tensor;
  readonly rows: number;
  readonly columns: number;
  /** The solutions `[b, columns, m]` in the shape that belongs to the right-hand sides. */
  readonly finish: (x: Tensor) => Tensor;
}

/**
 * Matrices `[..., m, n]` and right-hand sides, a vector `[m]` or matrices `[..., m, k]`, in one dtype,
 * with their leading axes broadcast. Right-hand sides for one matrix become columns beside each other.
 */
export function equationsOf(
  name: string,
  left: TensorLike,
  right: TensorLike,
  shape: 'square' | 'any',
): Equations {
  const [a, b] = promote(name, [left, right]).map((x) => toFloat(x, name));
  if (!a || !b) throw new Error('unreachable');
  const matrices = flattened(name, a, 'the matrix');
  if (shape === 'square') checkSquare(name, matrices, 'the matrix');
  const { lead, rows, columns } = matrices;
  const isVector = b.ndim === 1;
  if (b.ndim === 0 || (isVector ? b.shape[0] : b.shape.at(-2)) !== rows) {
    throw new ShapeError(
      `${name}: the right-hand side has shape ${formatShape(b.shape)}; for a matrix of shape ${formatShape(a.shape)} it is a vector [${rows}] or has shape [..., ${rows}, k].`,
    );
  }
  const given = isVector ? reshape(b, [rows, 1]) : b;
  const k = given.shape.at(-1) ?? 0;
  const all = broadcastShapes(name, lead, given.shape.slice(0, -2));
  const batch = sizeOf(all);
  const result = (x: Tensor): Tensor =>
    reshape(x, isVector ? [...all, columns] : [...all, columns, k]);
  if (sizeOf(lead) === 1 && batch > 1) {
    const apart = reshape(broadcastTo(given, [...all, rows, k]), [batch, rows, k]);
    const beside = reshape(apart.transpose([1, 0, 2]), [1, rows, batch * k]);
    return {
      a: matrices.x,
      b: beside,
      rows,
      columns,
      finish: (x) => result(reshape(x, [columns, batch, k]).transpose([1, 0, 2])),
    };
  }
  return {
    a: reshape(broadcastTo(a, [...all, rows, columns]), [batch, rows, columns]),
    b: reshape(broadcastTo(given, [...all, rows, k]), [batch, rows, k]),
    rows,
    columns,
    finish: result,
  };
}

/** A batch of matrices with its leading axes again. */
export function unflattened(x: Tensor, lead: Shape): Tensor {
  return reshape(x, [...lead, ...x.shape.slice(1)]);
}
