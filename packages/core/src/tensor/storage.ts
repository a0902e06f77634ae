import type { Data } from './dtype.ts';

/** Elements of a concrete tensor: row-major, contiguous, never written after construction. */
export interface DenseStorage {
  readonly kind: 'dense';
  /**
   * The elements. Where a backend's memory holds them this is a view, good until anything is
   * allocated or freed there: use it at once.
   */
  readonly data: Data;
}

/** Elements of a concrete stack, oldest first. */
export interface StackStorage {
  readonly kind: 'stack';
  readonly elements: readonly ValueStorage[];
}

export type ValueStorage = DenseStorage | StackStorage;

/** Where a backend keeps the elements of a tensor in its own memory, for as long as it sees fit. */
export interface Home {
  /** See `DenseStorage`. */
  readonly data: Data;
  /** Keeps the elements where they are until `unpin`; as often as that. */
  pin(): void;
  unpin(): void;
  /** Frees them, once they are not pinned any more. */
  release(): void;
}

/** Elements that a tensor owns: in an array of JavaScript's, in the memory of a backend, or both. */
export class Elements implements DenseStorage {
  readonly kind = 'dense';
  /** Set by the backend that takes them in. */
  home: Home | undefined;
  #array: Data | undefined;

  constructor(array: Data | undefined, home?: Home) {
    this.#array = array;
    this.home = home;
  }

  get data(): Data {
    const data = this.#array ?? this.home?.data;
    if (data === undefined) throw new ReferenceError('The elements of a tensor were freed.');
    return data;
  }

  /** Frees them. */
  release(): void {
    this.home?.release();
    this.home = undefined;
    this.#array = undefined;
  }
}

/**
 * A value that stands for a place in a Program under construction. The tracing layer subclasses
 * it; `concrete` either evaluates what is needed or throws with advice.
 */
export abstract class Symbolic {
  abstract concrete(operation: string): ValueStorage;
}

/** What is left of a tensor whose elements were freed. */
export class Gone extends Symbolic {
  readonly #message: string;

  /** What happened, such as `was disposed`, and what would have helped. */
  constructor(message: string) {
    super();
    this.#message = message;
  }

  override concrete(operation: string): ValueStorage {
    throw new ReferenceError(`${operation}: ${this.#message}`);
  }
}
