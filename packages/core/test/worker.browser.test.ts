import { expect, test } from 'vitest';

test('a worker of a page compiles a function and its gradient', async () => {
  const worker = new Worker(new URL('./worker/gradient.ts', import.meta.url), { type: 'module' });
  const answer = new Promise<unknown>((resolve, reject) => {
    worker.onmessage = (event) => resolve(event.data);
    worker.onerror = (event) => reject(new Error(event.message));
  });
  worker.postMessage([0, 1, 2]);
  const slopes = [0, 1, 2].map((x) => expect.closeTo(2 * x * Math.cos(x * x), 14));
  expect(await answer).toEqual(slopes);
  worker.terminate();
});

test('a worker that runs out of memory says so and goes on', async () => {
  const url = new URL('./worker/shortage-of-page.ts', import.meta.url);
  const worker = new Worker(url, { type: 'module' });
  const answer = new Promise<unknown>((resolve, reject) => {
    worker.onmessage = (event) => resolve(event.data);
    worker.onerror = (event) => reject(new Error(event.message));
  });
  worker.postMessage(null);
  expect(await answer).toEqual({
    error: expect.stringContaining('Cannot allocate 4294967296 bytes for float64 of shape'),
    after: 2000,
  });
  worker.terminate();
});
