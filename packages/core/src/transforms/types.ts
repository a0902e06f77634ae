import type { NdArray } from 'ndarray';
import type { Data } from '../tensor/dtype.ts';
import type { Nested, Tensor } from '../tensor/tensor.ts';

/** What a caller may pass where the function takes T: numbers and arrays for its tensors. */
export type Argument<T> = T extends Tensor
  ? Tensor | number | Data | NdArray
  : T extends ((...args: never) => unknown) | string | Nested | null | undefined
    ? T
    : T extends object
      ? { readonly [K in keyof T]: Argument<T[K]> }
      : T;

/** What a function sees of a value that a transform hands to it: tensors for numbers and arrays. */
export type Traced<T> = T extends Tensor | number | Data | NdArray
  ? Tensor
  : T extends ((...args: never) => unknown) | string | boolean | null | undefined
    ? T
    : T extends object
      ? { -readonly [K in keyof T]: Traced<T[K]> }
      : T;

/** Arguments of a transformed function. */
export type Arguments<A extends readonly unknown[]> = { readonly [K in keyof A]: Argument<A[K]> };

/** The derivative in an argument: tensors where the caller may pass numbers and arrays. */
export type Gradient<T> = Tensor extends T
  ? Tensor
  : T extends Tensor | number | Data | NdArray
    ? Tensor
    : T extends ((...args: never) => unknown) | string | boolean | null | undefined
      ? T
      : T extends object
        ? { -readonly [K in keyof T]: Gradient<T[K]> }
        : T;

/** The derivatives in all arguments. */
export type Gradients<A extends readonly unknown[]> = {
  -readonly [K in keyof A]: Gradient<A[K]>;
};

/** Which arguments a derivative is taken in: one, or several. */
export type Argnums = number | readonly number[];

/** The derivatives in the arguments that `argnums` names, with one number bare. */
export type Chosen<A extends readonly unknown[], N extends Argnums> = N extends readonly number[]
  ? { -readonly [K in keyof N]: N[K] extends number ? Gradient<A[N[K]]> : never }
  : N extends number
    ? Gradient<A[N]>
    : never;
