import type { Start } from './worker.ts';

/** What a port of Node's gives. */
interface NodePort {
  postMessage(message: unknown): void;
}

/** A worker of Node's. */
export interface NodeWorker {
  on(event: 'message' | 'error' | 'exit', listener: () => void): unknown;
  unref(): void;
  terminate(): unknown;
}

/** What is used of `node:worker_threads`. */
interface NodeThreads {
  readonly workerData: unknown;
  readonly parentPort: NodePort | null;
  readonly Worker: new (
    url: URL,
    options: { readonly workerData: Start; readonly name: string },
  ) => NodeWorker;
}

declare const process:
  | { getBuiltinModule?(name: 'node:worker_threads'): NodeThreads | undefined }
  | undefined;

/** The module of Node and its kin, which no bundler for pages should look for. */
export function nodeThreads(): NodeThreads | undefined {
  return typeof process === 'object'
    ? process.getBuiltinModule?.('node:worker_threads')
    : undefined;
}

/** Whether this realm may share memory with threads. */
export function canShareMemory(): boolean {
  const isolated: unknown = Reflect.get(globalThis, 'crossOriginIsolated');
  return typeof SharedArrayBuffer === 'function' && isolated !== false;
}
