import { mostThreads } from '../backends/wasm/threads/record.ts';
import { describeValue } from '../tensor/check.ts';
import { executor } from '../trace/executor.ts';

let wanted = 1;
let chosen: number | undefined;

/** Threads that a call which starts now is to have. */
export function threadsWanted(): number {
  return chosen ?? wanted;
}

/** Runs calls with a number of threads of their own. */
export function withThreads<R>(threads: number | undefined, run: () => R): R {
  if (threads === undefined) return run();
  const before = chosen;
  chosen = threads;
  try {
    return run();
  } finally {
    chosen = before;
  }
}

/**
 * How many threads compiled calls run on, the calling one included: 1 at first. Threads are
 * workers that share memory with the caller; they work on large operations together: matrix
 * products and convolutions, long loops over elements, long sums. **Results have the same bits with
 * any number of threads.** `jit(f, { threads })` sets the number for one function.
 *
 * It takes effect at once and can be changed at any time: until what threads need is loaded and
 * workers are ready, calls run on fewer threads. The first time that more than one is asked for, later calls move to memory that can
 * be shared: functions compile anew and tensors in the old memory are copied once. Workers
 * sleep between calls and do not keep a process alive; fewer threads end those that are too many.
 *
 * There are threads in Node and in pages that are cross-origin isolated (headers
 * `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp`).
 * Elsewhere calls run on one, as `threads()` tells.
 *
 * @param count - From 1 to 64; more than the machine has processors makes calls slower.
 * @returns a promise of the number of threads that there are, once all that could be started are
 * ready. There is no need to wait for it.
 * @throws RangeError when `count` is no whole number from 1 to 64.
 */
export function setThreads(count: number): Promise<number> {
  checkThreads('setThreads', 'the number of threads', count);
  wanted = count;
  return executor().startThreads?.(count) ?? Promise.resolve(1);
}

/** How many threads compiled calls run on now: what `setThreads` asked for, or those that are ready. */
export function threads(): number {
  return Math.min(threadsWanted(), executor().threads ?? 1);
}

/** Refuses what is no number of threads. */
export function checkThreads(name: string, what: string, count: unknown): void {
  const whole = typeof count === 'number' && Number.isInteger(count);
  if (whole && count >= 1 && count <= mostThreads) return;
  throw new RangeError(
    `${name}: ${what} must be a whole number from 1 to ${mostThreads}; it is ${describeValue(count)}.`,
  );
}
