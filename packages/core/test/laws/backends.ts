import '@grad/core';
import { ReferenceExecutor } from '../../src/backends/reference/executor.ts';
import { type Executor, executor, setExecutor } from '../../src/trace/executor.ts';

/** The oracle. */
export const reference: Executor = new ReferenceExecutor();

/** What the entry point of the package installs. */
export const compiled: Executor = executor();

export const backends: readonly (readonly [name: string, backend: Executor])[] = [
  ['reference', reference],
  ['compiled', compiled],
];

/** Runs `body` with everything executed by the given backend. */
export function on<T>(backend: Executor, body: () => T): T {
  const before = setExecutor(backend);
  try {
    return body();
  } finally {
    if (before) setExecutor(before);
  }
}
