import type { Tensor } from '@grad/core';

/** Parts of several packages put together to one number. */
export interface Composition {
  /** Names its file. */
  readonly name: string;
  readonly title: string;
  /** The packages it is made of, without `@grad/`. */
  readonly packages: readonly string[];
  /** What is differentiated in, in words. */
  readonly variable: string;
  /** The number, a scalar, as a function of a tensor in float64. */
  readonly f: (x: Tensor) => Tensor;
  /** Where it is differentiated. */
  readonly x: Tensor;
  /** Step of differences along a direction of the size of x; 1e-3 when left out. */
  readonly step?: number;
}
