import { type Tensor, tree } from '@grad/core';
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
 * One function of an eval: what reads its arguments, itself, and what writes its result. To prepare
 * it is to call it once, which records and compiles what `jit` made.
 */
export function evaluation<A extends readonly unknown[], R>(
  read: (input: Input) => A,
  f: (...args: A) => R,
  write: (result: R) => unknown,
): Prepare {
  return (input) => {
    const args = read(input);
    let result = f(...args);
    return {
      run: () => {
        for (const leaf of tree.leaves(result)) leaf.dispose();
        result = f(...args);
      },
      output: () => write(result),
    };
  };
}

/** Writes a number. */
export const item = (t: Tensor): unknown => t.item();

/** Writes nested arrays. */
export const array = (t: Tensor): unknown => t.toArray();
