import type { NdArray } from 'ndarray';
import type { Data, DType } from './dtype.ts';
import type { Shape } from './shape.ts';
import type { Nested, Tensor } from './tensor.ts';

type Operand = Tensor | Nested | Data | NdArray;

interface Reduction {
  readonly axis?: number | readonly number[] | null;
  readonly keepdims?: boolean;
}

/** Operations as methods of a tensor; each is the function of the same name with the tensor first. */
export interface TensorMethods {
  add(y: Operand): Tensor;
  sub(y: Operand): Tensor;
  mul(y: Operand): Tensor;
  div(y: Operand): Tensor;
  pow(y: Operand): Tensor;
  matmul(y: Operand): Tensor;
  dot(y: Operand): Tensor;
  maximum(y: Operand): Tensor;
  minimum(y: Operand): Tensor;
  eq(y: Operand): Tensor;
  ne(y: Operand): Tensor;
  lt(y: Operand): Tensor;
  le(y: Operand): Tensor;
  gt(y: Operand): Tensor;
  ge(y: Operand): Tensor;
  neg(): Tensor;
  abs(): Tensor;
  sqrt(): Tensor;
  square(): Tensor;
  exp(): Tensor;
  log(): Tensor;
  sin(): Tensor;
  cos(): Tensor;
  tanh(): Tensor;
  sigmoid(): Tensor;
  relu(): Tensor;
  sum(options?: Reduction): Tensor;
  mean(options?: Reduction): Tensor;
  prod(options?: Reduction): Tensor;
  max(options?: Reduction): Tensor;
  min(options?: Reduction): Tensor;
  all(options?: Reduction): Tensor;
  any(options?: Reduction): Tensor;
  reshape(shape: Shape): Tensor;
  transpose(perm?: readonly number[]): Tensor;
  expandDims(axis: number): Tensor;
  squeeze(axis?: number): Tensor;
  at(
    ...index: readonly (number | null | readonly [from: number, to: number, step?: number])[]
  ): Tensor;
  take(index: Operand, options?: { readonly axis?: number }): Tensor;
  astype(dtype: DType): Tensor;
}
