import { nodeThreads } from './host.ts';
import { type Start, work } from './worker.ts';

/** Starts to work as what this worker is told at first says. */
export function main(): void {
  const node = nodeThreads();
  if (node) {
    const { workerData, parentPort } = node;
    if (isStart(workerData)) work(workerData, () => parentPort?.postMessage('ready'));
    return;
  }
  addEventListener(
    'message',
    ({ data }: MessageEvent<unknown>) => {
      if (isStart(data)) work(data, () => postMessage('ready'));
      close();
    },
    { once: true },
  );
}

function isStart(value: unknown): value is Start {
  return typeof value === 'object' && value !== null && 'memory' in value && 'token' in value;
}
