import type { Tensor } from '../tensor/tensor.ts';
import type { Progress, ResumableRun } from '../trace/executor.ts';
import { nextTask } from './next-task.ts';

/** Options of a call that runs in slices. */
export interface AsyncOptions {
  /** Ends the call at the end of the slice that runs; the promise is rejected with its reason. */
  readonly signal?: AbortSignal;
  /**
   * Called after each slice, and with a fraction of 1 at the end. An error that it throws ends the
   * call and rejects the promise.
   */
  readonly onProgress?: (progress: Progress) => void;
}

/** Milliseconds that a call runs before it lets others run; a frame of a page has 16. */
const sliceTime = 12;

/** Operations, about, between looks at the clock: some ten microseconds. */
const fuel = 2 ** 15;

/** Goes through with a run, slice after slice; between them the event loop runs. */
export async function inSlices(
  run: ResumableRun,
  { signal, onProgress }: AsyncOptions,
): Promise<readonly Tensor[]> {
  try {
    // Not before the caller's code has ended, which may be part of another call.
    await nextTask();
    for (;;) {
      signal?.throwIfAborted();
      const end = performance.now() + sliceTime;
      const results = run.advance(() => (performance.now() < end ? fuel : -1));
      onProgress?.(run.progress());
      if (results) return results;
      await nextTask();
    }
  } finally {
    run.release();
  }
}
