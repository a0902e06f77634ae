// A worker that takes part in a job and ends in the midst of it.

import { nodeThreads } from '../../src/backends/wasm/threads/host.ts';
import { places, threadPlace } from '../../src/backends/wasm/threads/record.ts';
import type { Start } from '../../src/backends/wasm/threads/worker.ts';

function begin({ memory, thread }: Start, ready: () => void, end: () => void): void {
  const words = new Int32Array(memory.buffer);
  Atomics.store(words, threadPlace(thread, 'present') / 4, 1);
  ready();
  while (Atomics.load(words, places.open / 4) === 0) {
    Atomics.wait(words, places.signal / 4, Atomics.load(words, places.signal / 4), 1);
  }
  Atomics.store(words, threadPlace(thread, 'inside') / 4, 1);
  end();
}

const node = nodeThreads();
if (node) {
  const { workerData, parentPort } = node;
  const isStart = (value: unknown): value is Start => typeof value === 'object' && value !== null;
  if (isStart(workerData)) {
    begin(
      workerData,
      () => parentPort?.postMessage('ready'),
      () => process.exit(3),
    );
  }
} else {
  addEventListener('message', ({ data }: MessageEvent<Start>) => {
    begin(
      data,
      () => postMessage('ready'),
      () => close(),
    );
  });
}
