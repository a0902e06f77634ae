import { mostThreads } from '../backends/wasm/threads/record.ts';
import { describeValue } from '../tensor/check.ts';
import { executor } from '../trace/executor.ts';

let wanted = 1;
let chosen: number | undefined;

/** Threads that a call which starts now is to have. */
export function threadsWanted(): number {
  return chosen ?? wanted;
}

/** Has calls run on so many threads from now on. */
export function wantThreads(threads: number): void {
  wanted = threads;
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
