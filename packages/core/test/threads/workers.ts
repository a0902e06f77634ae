import { setThreads } from '@grad/core';
import type { Grain } from '../../src/backends/wasm/emit/shared-parts.ts';
import { threadPlace } from '../../src/backends/wasm/threads/record.ts';
import { type Spawn, spawnWorker, type Thread } from '../../src/backends/wasm/threads/spawn.ts';
import type { Start } from '../../src/backends/wasm/threads/worker.ts';

import { type Executor, setExecutor } from '../../src/trace/executor.ts';

/** Runs with an executor of its own. */
export async function using<R>(executor: Executor, run: () => R | Promise<R>): Promise<R> {
  const before = setExecutor(executor);
  try {
    return await run();
  } finally {
    await setThreads(1);
    if (before) setExecutor(before);
  }
}

/** Parts so small that threads share small functions. */
export const tinyGrain: Grain = { piece: 16, section: 64, tiles: 64 };

/** Starts workers and keeps an eye on them. */
export class Workers {
  readonly #starts: Start[] = [];
  readonly #threads: Thread[] = [];

  readonly spawn: Spawn = (start, events) => {
    const thread = spawnWorker(start, events);
    this.#starts.push(start);
    if (thread) this.#threads.push(thread);
    return thread;
  };

  get started(): number {
    return this.#starts.length;
  }

  terminate(): void {
    for (const thread of this.#threads) thread.terminate();
  }

  /** Threads whose own memory was written to since it was cleared. */
  get used(): number {
    return this.#scratch().filter((words) => words.some((word) => word !== 0)).length;
  }

  /** Clears the start of the memory that threads have of their own. */
  clear(): void {
    for (const words of this.#scratch()) words.fill(0);
  }

  #scratch(): Int32Array[] {
    return this.#starts.flatMap(({ memory, thread }) => {
      const [address = 0] = new Int32Array(memory.buffer, threadPlace(thread, 'scratch'), 1);
      return address === 0 ? [] : [new Int32Array(memory.buffer, address, 64)];
    });
  }

  /** Makes it look as if a thread was at work, and stayed there. */
  pretend({ memory, thread }: Start): void {
    const words = new Int32Array(memory.buffer);
    words[threadPlace(thread, 'present') / 4] = 1;
    words[threadPlace(thread, 'inside') / 4] = 1;
  }
}
