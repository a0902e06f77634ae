import type { Program } from '../program/program.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Runs Programs on concrete tensors. The entry point of the package installs one. */
export interface Executor {
  run(program: Program, inputs: readonly Tensor[]): readonly Tensor[];
  /** An equivalent Program that does less; transforms differentiate this one. */
  simplify(program: Program): Program;
}

let current: Executor | undefined;

/** Makes `executor` run everything from now on; returns the one before it. */
export function setExecutor(executor: Executor): Executor | undefined {
  const before = current;
  current = executor;
  return before;
}

export function executor(): Executor {
  if (current === undefined) {
    throw new Error('No executor is installed; import from @grad/core, not from its parts.');
  }
  return current;
}
