import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';

test('a worker that runs out of memory says so and goes on', async () => {
  const worker = new Worker(new URL('./worker/shortage-of-node.ts', import.meta.url));
  const [answer] = await once(worker, 'message');
  expect(answer).toEqual({
    error: expect.stringContaining('Cannot allocate 4294967296 bytes for float64 of shape'),
    after: 2000,
  });
  await worker.terminate();
});
