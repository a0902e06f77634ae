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
