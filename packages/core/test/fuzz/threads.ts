import { withThreads } from '../../src/runtime/threads-wanted.ts';
import { WasmExecutor } from '../../src/runtime/wasm-executor.ts';
import { tinyGrain } from '../threads/workers.ts';

/** Numbers of threads that a function runs on; those of random functions are small. */
export const threadCounts = [1, 2, 4];

let executor: WasmExecutor | undefined;

/** Runs with an executor whose code is cut into small parts, by a number of threads that are there. */
export function onThreads<R>(count: number, run: (executor: WasmExecutor) => R): R {
  executor ??= started(Math.max(...threadCounts));
  const by = executor;
  return withThreads(count, () => run(by));
}

/** Workers of Node's start while nothing returns to the event loop. */
function started(threads: number): WasmExecutor {
  const made = new WasmExecutor({ grain: tinyGrain });
  void made.startThreads(threads);
  const end = performance.now() + 20_000;
  while (made.threads < threads) {
    if (performance.now() > end) throw new Error('Workers did not start.');
  }
  return made;
}
