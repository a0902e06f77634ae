import { nodeThreads, whyNotShared, workerOptions } from './host.ts';
import type { Start } from './worker.ts';

/** What is told about a thread. */
export interface ThreadEvents {
  /** It waits for jobs. */
  ready(): void;
  /** It has ended, or never began; why, where that is known. */
  ended(why?: string): void;
}

/** A thread that was started. */
export interface Thread {
  /** Ends it, whatever it does. */
  terminate(): void;
}

/** Starts a thread; undefined where there are none. */
export type Spawn = (start: Start, events: ThreadEvents) => Thread | undefined;

/** Starts a worker of Node's, which does not keep the process alive, or of the page's. */
export const spawnWorker: Spawn = (start, events) => {
  const node = nodeThreads();
  if (node) {
    const url = new URL('./entry.js', import.meta.url);
    const worker = new node.Worker(url, { ...workerOptions(), workerData: start, name: 'grad' });
    worker.on('message', () => {
      worker.unref();
      events.ready();
    });
    let why: string | undefined;
    worker.on('error', (error) => {
      why = String(error);
    });
    worker.on('exit', () => events.ended(why));
    return { terminate: () => void worker.terminate() };
  }
  if (typeof Worker !== 'function' || whyNotShared() !== undefined) return undefined;
  const worker = new Worker(new URL('./entry.js', import.meta.url), { type: 'module' });
  worker.onmessage = () => events.ready();
  worker.onerror = (event) => {
    event.preventDefault();
    events.ended(event.message || 'its file could not be loaded');
  };
  worker.postMessage(start);
  return { terminate: () => worker.terminate() };
};
