import type { Program } from '../program/program.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Runs Programs on concrete tensors. The entry point of the package installs one. */
export interface Executor {
  run(program: Program, inputs: readonly Tensor[]): readonly Tensor[];
  /** Loads what `begin` needs and most pages do not; undefined where it is there. */
  loadBegin?(): Promise<void> | undefined;
  /** Prepares the same as a run in several goes. */
  begin(program: Program, inputs: readonly Tensor[]): ResumableRun;
  /** An equivalent Program that does less; transforms differentiate this one. */
  simplify(program: Program): Program;
  /** Threads that are there; one without. */
  readonly threads?: number;
  /** Why there are fewer threads than were asked for, where it is not that they are starting. */
  readonly whyFewerThreads?: string | undefined;
  /** Has so many threads, or as many as there can be; their number once they are ready. */
  startThreads?(threads: number): Promise<number>;
}

/** How far a run is on its way. */
export interface Progress {
  /**
   * Share of the work that is done, from 0 to 1; null while that cannot be told, because a loop of
   * unknown length (`whileLoop`) is not inside one whose length is known.
   */
  readonly fraction: number | null;
  /** Iterations done of the loops that are inside no other, such as steps of a simulation. */
  readonly steps: number;
}

/** A run of a Program that can be left, and gone on with after others have run. */
export interface ResumableRun {
  /**
   * Goes on until there are results, or until `refuel` gives a negative number. It is asked at
   * first, and again after as many operations, about, as it last gave.
   *
   * @throws what running the Program throws.
   */
  advance(refuel: () => number): readonly Tensor[] | undefined;
  progress(): Progress;
  /** Gives its memory back. */
  release(): void;
}

/** A run that is not left before its end. */
export function inOneGo(run: () => readonly Tensor[]): ResumableRun {
  let ended = false;
  return {
    advance: () => {
      const results = run();
      ended = true;
      return results;
    },
    progress: () => ({ fraction: Number(ended), steps: 0 }),
    release: () => {},
  };
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
