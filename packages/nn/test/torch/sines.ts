import { readFileSync } from 'node:fs';
import { arange, cos, sin, type Tensor } from '@grad/core';

/** What PyTorch gave for a layer. */
export interface Case {
  readonly shape: readonly number[];
  readonly y: readonly number[];
  readonly x: readonly number[];
  readonly params: Readonly<Record<string, readonly number[]>>;
  readonly state?: { readonly mean: readonly number[]; readonly variance: readonly number[] };
}

/** What PyTorch gave for a function of one tensor. */
export interface Slope {
  readonly y: readonly number[];
  readonly x: readonly number[];
}

interface Reference {
  readonly layers: Readonly<Record<string, Case>>;
  readonly losses: Readonly<Record<string, Slope>>;
  readonly activations: Readonly<Record<string, Slope>>;
}

/** Written by make.py beside it. */
export const reference: Reference = JSON.parse(
  readFileSync(new URL('torch.json', import.meta.url), 'utf8'),
);

const sizeOf = (shape: readonly number[]): number => shape.reduce((n, extent) => n * extent, 1);

/** The k-th tensor of a case. */
export function sines(shape: readonly number[], k: number): Tensor {
  return sin(
    arange(sizeOf(shape))
      .mul(0.7)
      .add(k + 0.3),
  )
    .div(2)
    .reshape(shape);
}

/** The weights of the results in the loss. */
export function mixture(shape: readonly number[]): Tensor {
  return cos(arange(sizeOf(shape)).mul(0.3)).reshape(shape);
}
