import type { Arguments, AsyncOptions, Jitted } from '@grad/core';
import { longestBlock } from './event-loop.ts';

/** Short calls after which it pays to compile a form that runs in one go. */
const manyCalls = 100;

/**
 * Calls of a compiled function that are likely to be many: where one takes long, other tasks have their
 * turn meanwhile and a signal ends it; where they are short, they run in one go. The bits are the same.
 */
export function patientCall<A extends readonly unknown[], R>(
  compiled: Jitted<A, R>,
): (
  args: Arguments<A>,
  signal: AbortSignal | undefined,
  onProgress?: AsyncOptions['onProgress'],
) => Promise<R> {
  let short = 0;
  return async (args, signal, onProgress) => {
    const start = performance.now();
    const options: AsyncOptions = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
    const result = short > manyCalls ? compiled(...args) : await compiled.async(args, options);
    short = performance.now() - start < longestBlock / 2 ? short + 1 : 0;
    return result;
  };
}
