import { setThreads, threads } from '@grad/core';
import { expect, test } from 'vitest';

test('a page that is isolated has threads, and workers of its own have theirs', async () => {
  expect(globalThis.crossOriginIsolated).toBe(true);
  expect(await setThreads(3)).toBe(3);
  expect(threads()).toBe(3);
  const worker = new Worker(new URL('./nested.ts', import.meta.url), { type: 'module' });
  const answer = new Promise<unknown>((resolve, reject) => {
    worker.onmessage = (event) => resolve(event.data);
    worker.onerror = (event) => reject(new Error(event.message));
  });
  worker.postMessage(2);
  expect(await answer).toEqual({ before: 1, after: 2, mean: 0.75 });
  worker.terminate();
  await setThreads(1);
  expect(threads()).toBe(1);
});
