import type { Data } from './dtype.ts';

/** Elements of a concrete tensor: row-major, contiguous, never written after construction. */
export interface DenseStorage {
  readonly kind: 'dense';
  readonly data: Data;
}

/** Elements of a concrete stack, oldest first. */
export interface StackStorage {
  readonly kind: 'stack';
  readonly elements: readonly ValueStorage[];
}

export type ValueStorage = DenseStorage | StackStorage;

/**
 * A value that stands for a place in a Program under construction. The tracing layer subclasses
 * it; `concrete` either evaluates what is needed or throws with advice.
 */
export abstract class Symbolic {
  abstract concrete(operation: string): ValueStorage;
}
