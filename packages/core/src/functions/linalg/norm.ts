import { reduceMax, reduceMin, reduceSum } from '../../primitives/reduce.ts';
import { checkOptions, describeValue } from '../../tensor/check.ts';
import type { TensorLike } from '../../tensor/methods.ts';
import { formatShape, normalizeAxis, ShapeError } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { abs, eq, ne, pow, sqrt, square, where } from '../elementwise.ts';
import { toFloat } from '../promote.ts';
import { at, moveAxis, reshape } from '../shape.ts';
import { svdvals } from './svd.ts';

/**
 * A number p for p-norms of vectors; 1, -1, 2, -2 and infinities for matrices too, 'fro' and 'nuc' for these
 * alone.
 */
export type NormOrder = number | 'fro' | 'nuc';

/** Options of `norm`. */
export interface NormOptions {
  /** Which norm; the square root of the sum of squares unless said otherwise. */
  readonly ord?: NormOrder;
  /** One axis for norms of vectors, two for norms of matrices, all when left out. */
  readonly axis?: number | readonly [rows: number, columns: number];
  /** Whether these axes stay, with extent 1. */
  readonly keepdims?: boolean;
}

const name = 'linalg.norm';

/** The root of sums that are not negative; 0 has the derivative 0, of all that there could be. */
function rootOf(sums: Tensor, root: (x: Tensor) => Tensor): Tensor {
  return where(eq(sums, 0), 0, root(sums));
}

function vectorNorm(x: Tensor, p: number, axes: readonly number[]): Tensor {
  const params = { axes: [...axes].sort((a, b) => a - b) };
  switch (p) {
    case Number.POSITIVE_INFINITY:
      return reduceMax(abs(x), params);
    case Number.NEGATIVE_INFINITY:
      return reduceMin(abs(x), params);
    case 0:
      return reduceSum(ne(x, 0).astype(x.dtype), params);
    case 1:
      return reduceSum(abs(x), params);
    case 2:
      return rootOf(reduceSum(square(x), params), sqrt);
    default:
      return rootOf(reduceSum(pow(abs(x), p), params), (sums) => pow(sums, 1 / p));
  }
}

function matrixNorm(x: Tensor, ord: NormOrder, rows: number, columns: number): Tensor {
  const sumsAlong = (axis: number): Tensor => reduceSum(abs(x), { axes: [axis] });
  // The axis that is left, counted without the one that is gone.
  const left = (axis: number, gone: number): number[] => [axis > gone ? axis - 1 : axis];
  switch (ord) {
    case 'fro':
      return vectorNorm(x, 2, [rows, columns]);
    case 1:
      return reduceMax(sumsAlong(rows), { axes: left(columns, rows) });
    case -1:
      return reduceMin(sumsAlong(rows), { axes: left(columns, rows) });
    case Number.POSITIVE_INFINITY:
      return reduceMax(sumsAlong(columns), { axes: left(rows, columns) });
    case Number.NEGATIVE_INFINITY:
      return reduceMin(sumsAlong(columns), { axes: left(rows, columns) });
    case 2:
      return singularValue(x, 0, rows, columns);
    case -2:
      return singularValue(x, -1, rows, columns);
    case 'nuc':
      return reduceSum(singularValues(x, rows, columns), { axes: [x.ndim - 2] });
    default:
      throw new RangeError(
        `${name}: ord must be 'fro', 'nuc', 1, -1, 2, -2, Infinity or -Infinity for matrices; it is ${describeValue(ord)}.`,
      );
  }
}

function singularValues(x: Tensor, rows: number, columns: number): Tensor {
  // Neither axis moves past the other.
  const [first, last] = [Math.min(rows, columns), Math.max(rows, columns)];
  return svdvals(moveAxis(moveAxis(x, last, -1), first, -2));
}

function singularValue(x: Tensor, position: 0 | -1, rows: number, columns: number): Tensor {
  const values = singularValues(x, rows, columns);
  if (values.shape.at(-1) === 0) {
    throw new ShapeError(`${name}: matrices in ${formatShape(x.shape)} have no singular values.`);
  }
  return at(values, ...values.shape.slice(1).map(() => null), position);
}

/**
 * Norms of vectors or matrices, as numpy has them. Without `ord` it is the root of the sum of the squares
 * over the axes, all of them unless said otherwise. With it, one axis is that of vectors, two are
 * the rows and columns of matrices; a tensor of one or two axes needs not say which.
 *
 * | ord | vectors | matrices |
 * | --- | --- | --- |
 * | `'fro'` | | root of the sum of squares |
 * | `Infinity`, `-Infinity` | largest, smallest absolute value | of sums of absolute values along rows |
 * | `1`, `-1` | as any p | the same along columns |
 * | `2`, `-2` | as any p | largest, smallest singular value |
 * | `'nuc'` | | sum of singular values |
 * | `0` | how many are not 0 | |
 * | another p | (sum of \|x\|^p)^(1/p) | |
 *
 * Where a norm is 0 its derivative counts as 0; ties of a largest or smallest one share it, but for those of
 * singular values, where one of the subgradients is given, as it is for `'nuc'` where the rank is not full. At
 * equal singular values the derivatives of `'nuc'` are right, in all orders.
 *
 * @throws ShapeError when the axes do not fit; RangeError when there is no such norm.
 */
export function norm(x: TensorLike, options: NormOptions = {}): Tensor {
  checkOptions(name, options, ['ord', 'axis', 'keepdims']);
  const { ord, axis, keepdims = false } = options;
  const made = toFloat(x, name);
  if (ord !== undefined && ord !== 'fro' && ord !== 'nuc' && typeof ord !== 'number') {
    throw new TypeError(
      `${name}: ord must be a number, 'fro' or 'nuc'; it is ${describeValue(ord)}.`,
    );
  }
  const axes = axesOf(made, axis, ord);
  const [first, second] = axes;
  const result = ((): Tensor => {
    if (ord === undefined) return vectorNorm(made, 2, axes);
    if (first !== undefined && second !== undefined) return matrixNorm(made, ord, first, second);
    if (ord === 'fro' || ord === 'nuc' || Number.isNaN(ord)) {
      throw new RangeError(`${name}: ord ${describeValue(ord)} is no norm of vectors.`);
    }
    return vectorNorm(made, ord, axes);
  })();
  if (!keepdims) return result;
  return reshape(
    result,
    made.shape.map((extent, i) => (axes.includes(i) ? 1 : extent)),
  );
}

function axesOf(x: Tensor, axis: NormOptions['axis'], ord: NormOrder | undefined): number[] {
  const all = x.shape.map((_, i) => i);
  if (axis === undefined) {
    if (ord === undefined || x.ndim === 1 || x.ndim === 2) return all;
    throw new ShapeError(
      `${name}: say with axis which axes of shape ${formatShape(x.shape)} are those of vectors or matrices.`,
    );
  }
  const given: readonly number[] = typeof axis === 'number' ? [axis] : axis;
  if (!Array.isArray(given) || given.length < 1 || given.length > 2) {
    throw new TypeError(`${name}: axis must be one axis or two; it is ${describeValue(axis)}.`);
  }
  const axes = given.map((one) => normalizeAxis(name, one, x.shape));
  if (axes.length === 2 && axes[0] === axes[1]) {
    throw new ShapeError(`${name}: the two axes are the same, ${axes[0]}.`);
  }
  return axes;
}
