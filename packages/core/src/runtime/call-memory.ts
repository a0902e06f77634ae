import type { CompiledModule } from '../backends/wasm/compile.ts';
import type { LongWork, PrintOptions } from '../backends/wasm/emit/parts.ts';
import type { Grain } from '../backends/wasm/emit/shared-parts.ts';
import type { ModuleThreads } from '../backends/wasm/instantiate.ts';
import { statusKinds } from '../backends/wasm/layout.ts';
import { pageBytes, RealmMemory } from '../backends/wasm/memory.ts';
import type { PoolOptions, ThreadPool } from '../backends/wasm/threads/pool.ts';
import { blockBytes } from '../compiler/blocks.ts';
import type { Site } from '../kernel/statement.ts';
import { failureOf } from './call-failure.ts';
import { Residents } from './residents.ts';
import { Slab } from './slab.ts';
import type { Threading } from './threading-at-hand.ts';
import { type Lease, Workspaces } from './workspaces.ts';

export interface CallMemoryOptions {
  /** Bytes of working memory kept between calls. */
  readonly keptBytes?: number;
  /** Bytes that tensors may take in the memory of compiled code before the oldest move out. */
  readonly residentBytes?: number;
  /** Results of at least so many bytes stay there. */
  readonly residentFrom?: number;
  /** Arguments of at least so many bytes are brought there, and stay when they are used again. */
  readonly broughtFrom?: number;
  /** What the memory may grow to, in pages of 64 KiB. */
  readonly maximumPages?: number;
  /** How threads are started and watched. */
  readonly pool?: PoolOptions;
  /** How large the parts are that threads share. */
  readonly grain?: Grain;
  /** About how many bytes of rows kernels work on at a time where nothing is shared. */
  readonly blockBytes?: number;
  /** From how much work on loops are printed for several vectors at once. */
  readonly longWork?: LongWork;
}

/** All memory of compiled calls: their workspaces, and the tensors that stay between them. */
export class CallMemory {
  readonly realm: RealmMemory;
  readonly residents: Residents;
  readonly slab = new Slab();
  /** The threads that share it; undefined where it is not shared. */
  readonly pool: ThreadPool | undefined;
  readonly residentFrom: number;
  readonly broughtFrom: number;
  readonly #shared: PrintOptions['shared'];
  readonly #options: CallMemoryOptions;
  readonly #workspaces: Workspaces;

  /**
   * Memory that is shared with threads where `threading` is given.
   *
   * @throws OutOfMemoryError where there is no such memory.
   */
  constructor(options: CallMemoryOptions, threading?: Threading) {
    const { keptBytes = 2 ** 26, residentBytes = 2 ** 28, maximumPages } = options;
    this.#options = options;
    const shared = threading !== undefined;
    this.realm = new RealmMemory({ ...(maximumPages !== undefined && { maximumPages }), shared });
    if (threading) {
      const { SharedParts, ThreadPool, usualGrain } = threading;
      const grain = options.grain ?? usualGrain;
      this.pool = new ThreadPool(this.realm, options.pool);
      this.#shared = (module) => new SharedParts(module, grain);
    }
    this.residents = new Residents(this.realm, residentBytes);
    this.residentFrom = options.residentFrom ?? 2 ** 16;
    this.broughtFrom = options.broughtFrom ?? 2 ** 13;
    this.#workspaces = new Workspaces(this.residents, keptBytes);
  }

  /** About how many bytes of rows kernels work on at a time; threads share out whole kernels. */
  get blockBytes(): number {
    return this.pool ? Number.POSITIVE_INFINITY : (this.#options.blockBytes ?? blockBytes);
  }

  /** How code for this memory is printed. */
  printOptions(fused: boolean): PrintOptions {
    const { longWork } = this.#options;
    return {
      fused,
      ...(longWork && { longWork }),
      ...(this.#shared && { shared: this.#shared }),
    };
  }

  /** What threads have to do with a module; `owner` is referred to as long as it may be called. */
  threadsOf({ bytes, threadBytes }: CompiledModule, owner: object): ModuleThreads | undefined {
    const { pool } = this;
    if (!pool) return undefined;
    if (threadBytes === undefined) return { pool, address: 0 };
    const address = this.residents.allocate(pool.bytesFor(bytes), () => 'the code of a call');
    pool.publish(bytes, address, owner);
    return { pool, address };
  }

  /** Runs a call of a module for which threads may work. */
  withThreads<R>(
    { threadBytes }: Pick<CompiledModule, 'threadBytes'>,
    threads: number,
    run: () => R,
  ): R {
    const { pool } = this;
    if (!pool || threadBytes === undefined) return run();
    const before = pool.enter(threads, threadBytes);
    try {
      return run();
    } finally {
      pool.leave(before);
    }
  }

  /** Lets go of everything that no call in progress needs: later calls run elsewhere. */
  retire(): void {
    this.residents.retire();
    this.pool?.abandon();
  }

  /** See `Workspaces`. */
  lease(bytes: number, what?: () => string): Lease {
    return this.#workspaces.lease(bytes, what);
  }

  /** The error that the status record of a call tells of, while the call has its memory. */
  failure(kind: number, site: Site | undefined, detail: number): Error {
    if (kind !== statusKinds.outOfMemory) return failureOf(kind, site, detail);
    return this.residents.outOfMemory(
      detail * pageBytes,
      'what the steps of a loop keep, for its derivative or for later ones',
    );
  }
}
