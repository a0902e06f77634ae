/**
 * A peer's process. It gets one request a line on its standard input, does it, and answers with one
 * line on its fourth stream; its standard output is left to the library.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Options } from './suite.ts';

/** The inputs of a case as they lie in a file. */
export interface Layout {
  readonly file: string;
  readonly arrays: readonly {
    readonly name: string;
    readonly dtype: 'float32' | 'float64' | 'int32';
    readonly shape: readonly number[];
    readonly offset: number;
  }[];
}

export interface Sample {
  readonly size: number;
  readonly norm: number;
  /** Elements at equal distances, the first among them. */
  readonly values: readonly number[];
}

export type Request =
  | { readonly prepare: string; readonly layout: Layout; readonly options: Options }
  | { readonly slice: number; readonly clock: Clock }
  | { readonly memory: true };

/** Processor time leaves out what other processes take, and counts all threads of this one. */
export type Clock = 'processor' | 'wall';

export interface Reply {
  /** Of the first run. */
  readonly sample?: Sample;
  readonly version?: string;
  readonly flops?: number;
  /** Why there is nothing. */
  readonly absent?: string;
  readonly error?: string;
  readonly runs?: number;
  readonly milliseconds?: number;
  readonly bytes?: number;
}

/** Everything on one thread, in each library's own words. */
const oneThread = {
  OMP_NUM_THREADS: '1',
  MKL_NUM_THREADS: '1',
  OPENBLAS_NUM_THREADS: '1',
  XLA_FLAGS: '--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1',
  JAX_PLATFORMS: 'cpu',
  TF_CPP_MIN_LOG_LEVEL: '2',
} as const;

export class PeerProcess {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  #answer: ((reply: Reply) => void) | undefined;

  constructor(name: string, [program = '', ...args]: readonly string[]) {
    this.name = name;
    this.#child = spawn(program, args, {
      stdio: ['pipe', 'ignore', process.env['BENCH_VERBOSE'] ? 'inherit' : 'ignore', 'pipe'],
      env: { ...process.env, ...oneThread },
    });
    const replies = this.#child.stdio[3];
    if (!isReadable(replies)) throw new Error(`${name}: its process has no stream for replies.`);
    this.#lines = createInterface({ input: replies });
    this.#lines.on('line', (line) => this.#answer?.(JSON.parse(line)));
    this.#child.on('error', ({ message }) => this.#answer?.({ absent: message }));
    this.#child.on('exit', (status, signal) =>
      this.#answer?.({
        error: `its process ended (${signal ?? status}); BENCH_VERBOSE=1 shows why`,
      }),
    );
    this.#child.stdin?.on('error', () => {});
  }

  ask(request: Request): Promise<Reply> {
    if (this.#child.exitCode !== null) return Promise.resolve({ error: 'its process has ended' });
    return new Promise((resolve) => {
      this.#answer = (reply) => {
        this.#answer = undefined;
        resolve(reply);
      };
      this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    });
  }

  close(): void {
    this.#answer = undefined;
    this.#lines.close();
    this.#child.kill();
  }
}

function isReadable(stream: unknown): stream is Readable {
  return typeof stream === 'object' && stream !== null && 'read' in stream;
}
