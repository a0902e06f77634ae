import type { NdArray } from 'ndarray';
import type { Data, DType } from './dtype.ts';
import type { Shape } from './shape.ts';
import type { Nested, Tensor } from './tensor.ts';

/** What becomes a tensor where one is needed. */
export type TensorLike = Tensor | Nested | Data | NdArray;

/** How to reduce. */
export interface ReduceOptions {
  /** Axes to reduce over, negative ones counted from the last; all axes when left out or null. */
  readonly axis?: number | readonly number[] | null;
  /** Whether reduced axes stay, with extent 1. */
  readonly keepdims?: boolean;
}

/** Operations as methods of a tensor; each is the function of the same name with the tensor first. */
export interface TensorMethods {
  /** Elementwise sum, shapes broadcast. */
  add(y: TensorLike): Tensor;
  /** Elementwise difference, shapes broadcast. */
  sub(y: TensorLike): Tensor;
  /** Elementwise product, shapes broadcast. */
  mul(y: TensorLike): Tensor;
  /** Elementwise quotient, shapes broadcast; that of integers is float64. */
  div(y: TensorLike): Tensor;
  /** Elementwise power, shapes broadcast. */
  pow(y: TensorLike): Tensor;
  /** Matrix product over the last two axes; those before them broadcast. */
  matmul(y: TensorLike): Tensor;
  /** Inner product of two vectors. */
  dot(y: TensorLike): Tensor;
  /** Elementwise larger value, shapes broadcast. */
  maximum(y: TensorLike): Tensor;
  /** Elementwise smaller value, shapes broadcast. */
  minimum(y: TensorLike): Tensor;
  /** Where elements are equal, as bool. */
  eq(y: TensorLike): Tensor;
  /** Where elements differ, as bool. */
  ne(y: TensorLike): Tensor;
  /** Where elements are less than those of y, as bool. */
  lt(y: TensorLike): Tensor;
  /** Where elements are less than or equal to those of y, as bool. */
  le(y: TensorLike): Tensor;
  /** Where elements are greater than those of y, as bool. */
  gt(y: TensorLike): Tensor;
  /** Where elements are greater than or equal to those of y, as bool. */
  ge(y: TensorLike): Tensor;
  /** Elementwise negative. */
  neg(): Tensor;
  /** Elementwise absolute value. */
  abs(): Tensor;
  /** Elementwise square root. */
  sqrt(): Tensor;
  /** Elementwise square. */
  square(): Tensor;
  /** Elementwise exponential. */
  exp(): Tensor;
  /** Elementwise natural logarithm. */
  log(): Tensor;
  /** Elementwise sine of angles in radians. */
  sin(): Tensor;
  /** Elementwise cosine of angles in radians. */
  cos(): Tensor;
  /** Elementwise hyperbolic tangent. */
  tanh(): Tensor;
  /** Elementwise 1 / (1 + exp(-x)). */
  sigmoid(): Tensor;
  /** Elementwise larger of x and 0. */
  relu(): Tensor;
  /** Sum of elements. */
  sum(options?: ReduceOptions): Tensor;
  /** Mean of elements. */
  mean(options?: ReduceOptions): Tensor;
  /** Product of elements. */
  prod(options?: ReduceOptions): Tensor;
  /** Largest element. */
  max(options?: ReduceOptions): Tensor;
  /** Smallest element. */
  min(options?: ReduceOptions): Tensor;
  /** Whether all elements are true. */
  all(options?: ReduceOptions): Tensor;
  /** Whether any element is true. */
  any(options?: ReduceOptions): Tensor;
  /** The same elements in row-major order with another shape; one extent may be -1. */
  reshape(shape: Shape): Tensor;
  /** Axes in another order; reversed when left out. */
  transpose(perm?: readonly number[]): Tensor;
  /** A new axis of extent 1, or several. */
  expandDims(axis: number | readonly number[]): Tensor;
  /** Without the axes of extent 1, or without those that are named. */
  squeeze(axis?: number | readonly number[]): Tensor;
  /** Part of the tensor: for each axis a number (which drops it), null (all of it), or a range. */
  at(
    ...index: readonly (
      | number
      | null
      | readonly [from: number | null, to: number | null, step?: number]
    )[]
  ): Tensor;
  /** Elements at integer positions along an axis. */
  take(
    index: TensorLike,
    options?: { readonly axis?: number; readonly mode?: 'check' | 'clip' | 'wrap' },
  ): Tensor;
  /** Elements converted to another dtype. */
  astype(dtype: DType): Tensor;
}
