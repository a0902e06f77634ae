import { random, type sparse, type Tensor, tensor } from '@grad/core';
import type { GcnParams } from '@grad/graph';
import { dropout } from '@grad/nn';

/** Numbers of a network; those of inner layers are in one stack. */
export interface Weights {
  readonly first: GcnParams;
  /** weight `[layers, hidden, hidden]`, and where there is one bias `[layers, hidden]` */
  readonly inner: GcnParams;
  readonly last: GcnParams;
}

/** A network that tells the classes of nodes. */
export interface DeepNetwork {
  readonly name: 'GCN' | 'GCNII';
  /** Graph convolutions in a row. */
  readonly layers: number;
  /** Decay of the weights of inner layers, and of the others. */
  readonly decay: { readonly inner: number; readonly outer: number };
  init(key: Tensor): Weights;
  /** Logits `[nodes, classes]`. With a key, as in training, numbers are dropped. */
  logits(weights: Weights, key?: Tensor): Tensor;
  /** What one layer after the other does to numbers at the nodes, from the first hidden ones to logits. */
  steps(weights: Weights): {
    readonly start: Tensor;
    readonly layers: readonly ((x: Tensor) => Tensor)[];
    readonly finish: (x: Tensor) => Tensor;
  };
}

/** Sizes of a network. */
export interface NetworkOptions {
  readonly layers: number;
  readonly hidden: number;
  /** Probability that a number is dropped in training. */
  readonly drop: number;
}

/** x with some numbers dropped when there is a key. */
export function dropped(
  x: Tensor,
  rate: number,
  key: Tensor | undefined,
  place: number | Tensor,
): Tensor {
  if (key === undefined) return x;
  return dropout(rate).train({}, x, { key: random.foldIn(key, place) })[0];
}

/** The same for a sparse matrix. */
export function droppedSparse(
  { data, pattern }: sparse.SparseMatrix,
  rate: number,
  key: Tensor | undefined,
  place: number,
): sparse.SparseMatrix {
  return { data: dropped(data, rate, key, place), pattern };
}

/** Numbers of layers, from 0 on, for a loop over them. */
export function places(layers: number): Tensor {
  return tensor(Int32Array.from({ length: layers }, (_, l) => l));
}
