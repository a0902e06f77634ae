import type { Start } from './worker.ts';

/** What a port of Node's gives. */
interface NodePort {
  postMessage(message: unknown): void;
}

/** A worker of Node's. */
export interface NodeWorker {
  on(event: 'message' | 'error' | 'exit', listener: (about: unknown) => void): unknown;
  unref(): void;
  terminate(): unknown;
}

/** What is used of `node:worker_threads`. */
interface NodeThreads {
  readonly workerData: unknown;
  readonly parentPort: NodePort | null;
  readonly Worker: new (
    url: URL,
    options: {
      readonly workerData: Start;
      readonly name: string;
      readonly execArgv?: readonly string[];
    },
  ) => NodeWorker;
}

declare const process:
  | {
      readonly execArgv: readonly string[];
      getBuiltinModule?(name: 'node:worker_threads'): NodeThreads | undefined;
    }
  | undefined;

/** Options of a process whose program is a text: a worker would refuse its file. */
const textOptions = /^(-[ep]|-pe|--eval|--print|--input-type)/;

/** Options that a worker is to have instead of those of the process. */
export function workerOptions(): { execArgv?: readonly string[] } {
  const isText = process?.execArgv.some((option) => textOptions.test(option));
  return isText ? { execArgv: [] } : {};
}

/** The module of Node and its kin, which no bundler for pages should look for. */
export function nodeThreads(): NodeThreads | undefined {
  return typeof process === 'object'
    ? process.getBuiltinModule?.('node:worker_threads')
    : undefined;
}

/** Why this realm may not share memory with threads; undefined where it may. */
export function whyNotShared(): string | undefined {
  const isolated: unknown = Reflect.get(globalThis, 'crossOriginIsolated');
  if (isolated === false) {
    return 'this page is not cross-origin isolated: serve it with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp';
  }
  return typeof SharedArrayBuffer === 'function' ? undefined : 'there is no SharedArrayBuffer here';
}
