import { executor } from '../trace/executor.ts';
import * as threading from './threading.ts';
import { setThreading } from './threading-at-hand.ts';
import { checkThreads, wantThreads } from './threads-wanted.ts';

setThreading(threading);

/**
 * How many threads compiled calls run on, the calling one included: 1 at first. Threads are
 * workers that share memory with the caller; they work on large operations together: matrix
 * products and convolutions, long loops over elements, long sums. **Results have the same bits with
 * any number of threads.** `jit(f, { threads })` sets the number for one function.
 *
 * It takes effect at once and can be changed at any time: until workers are ready, calls run on
 * fewer threads. The first time that more than one is asked for, later calls move to memory that can
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
  wantThreads(count);
  return executor().startThreads?.(count) ?? Promise.resolve(1);
}
