import type { Input } from './input.ts';

/** A call that is ready to be timed. */
export interface Task {
  /** Evaluates the function once. */
  readonly run: () => void;
  /** What the last call gave, as JSON. */
  readonly output: () => unknown;
}

/** Reads the input of one function of an eval and prepares the call. */
export type Prepare = (input: Input) => Task;

/** The functions of an eval, by the names that its messages use. */
export type Eval = Readonly<Record<string, Prepare>>;

/**
 * A task from a function without arguments. It is called once here: that records and compiles what
 * `jit` made, and belongs to the preparation.
 */
export function task<R>(evaluate: () => R, write: (result: R) => unknown): Task {
  let result = evaluate();
  return {
    run: () => {
      result = evaluate();
    },
    output: () => write(result),
  };
}
