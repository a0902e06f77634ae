import { random, type Tensor } from '@grad/core';
import type { MoleculeGraph } from '@grad/graph';

/** Molecules with the property that is to be learned. */
export interface MoleculeTable {
  readonly name: string;
  /** What the values are. */
  readonly property: string;
  readonly graphs: readonly MoleculeGraph[];
  readonly values: Float64Array;
  /** Numbers about each molecule as a whole; none where only its atoms and bonds may tell. */
  readonly descriptors: readonly (readonly number[])[];
}

/** Positions of molecules, by what they are for. */
export interface MoleculeSplit {
  readonly train: readonly number[];
  readonly validation: readonly number[];
  readonly test: readonly number[];
}

/** Four fifths to learn from, and a tenth each to choose by and to measure on, at random. */
export function splitMolecules(count: number, seed: number): MoleculeSplit {
  const order = shuffled(
    Array.from({ length: count }, (_, k) => k),
    random.foldIn(random.key(seed), 1),
  );
  const tenth = Math.max(1, Math.floor(count / 10));
  return {
    test: order.slice(0, tenth),
    validation: order.slice(tenth, 2 * tenth),
    train: order.slice(2 * tenth),
  };
}

/** A list in random order. */
export function shuffled(list: readonly number[], key: Tensor): number[] {
  return Array.from(random.permutation(key, list.length).dataSync(), (k) => list[k] ?? 0);
}
