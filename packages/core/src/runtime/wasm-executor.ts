import { whyNotShared } from '../backends/wasm/threads/host.ts';
import { simplify } from '../compiler/simplify.ts';
import { Cache } from '../program/cache.ts';
import { structuralKey } from '../program/hash.ts';
import type { Program } from '../program/program.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Executor, ResumableRun } from '../trace/executor.ts';
import { CallMemory, type CallMemoryOptions } from './call-memory.ts';
import { CompiledProgram } from './compiled-program.ts';
import { hostProgram } from './host-calls.ts';
import type { ResumableProgram } from './resumable-program.ts';
import { usesFusedMultiplyAdd } from './set-reproducible.ts';
import { loadThreading, threadingAtHand } from './threading-at-hand.ts';
import { threadsWanted } from './threads-wanted.ts';

export interface WasmExecutorOptions extends CallMemoryOptions {
  /** Compiled Programs that are kept; the least recently used go first. */
  readonly programs?: number;
}

/** The class, which few pages need, once it is loaded. */
let resumable: typeof ResumableProgram | undefined;

async function loadResumable(): Promise<void> {
  resumable = (await import('./resumable-program.ts')).ResumableProgram;
}

/** Compiles Programs to WebAssembly and runs each as one call. */
export class WasmExecutor implements Executor {
  readonly #compiled: Cache<CompiledProgram>;
  readonly #resumable: Cache<ResumableProgram>;
  readonly #options: CallMemoryOptions;
  #memory: CallMemory;
  #threadsAsked = 1;
  /** Why memory is not shared with threads; undefined where it can be. */
  #whyNotShared: string | undefined;

  constructor({ programs = 1024, ...memory }: WasmExecutorOptions = {}) {
    this.#compiled = new Cache(programs);
    this.#resumable = new Cache(programs);
    this.#options = memory;
    this.#memory = new CallMemory(memory);
    this.#whyNotShared = whyNotShared();
  }

  /** Compiled Programs at hand. */
  get compiledPrograms(): number {
    return this.#compiled.size;
  }

  /** Bytes of memory held between calls, by tensors and for work. */
  get bytesInUse(): number {
    return this.#memory.realm.bytesInUse;
  }

  /** Bytes that the WebAssembly memory has grown to; it never shrinks. */
  get bytesReserved(): number {
    return this.#memory.realm.memory.buffer.byteLength;
  }

  get threads(): number {
    return this.#memory.pool?.size ?? 1;
  }

  get whyFewerThreads(): string | undefined {
    return this.#whyNotShared ?? this.#memory.pool?.whyNone;
  }

  /** Loads what more than one thread needs, unless there can be none. */
  async #loadThreads(): Promise<void> {
    if (this.#whyNotShared !== undefined) return;
    try {
      await loadThreading();
    } catch (error) {
      this.#whyNotShared = String(error);
    }
  }

  async startThreads(threads: number): Promise<number> {
    this.#threadsAsked = threads;
    if (threads > 1 && !threadingAtHand()) await this.#loadThreads();
    // Another number may have been asked for meanwhile.
    const { pool } = this.#memoryFor(this.#threadsAsked);
    pool?.shrink(this.#threadsAsked);
    pool?.grow(this.#threadsAsked);
    await pool?.settled();
    return Math.min(threads, this.threads);
  }

  loadBegin(): Promise<void> | undefined {
    return resumable ? undefined : loadResumable();
  }

  begin(program: Program, inputs: readonly Tensor[]): ResumableRun {
    const Resumable = resumable;
    if (Resumable === undefined) throw new Error('begin comes before loadBegin has ended.');
    const threads = threadsWanted();
    const memory = this.#memoryFor(threads);
    const fused = usesFusedMultiplyAdd();
    const compiled = this.#resumable.get(
      keyFor(program, fused),
      () => new Resumable(program, memory, fused),
    );
    return compiled.begin(inputs, threads);
  }

  simplify(program: Program): Program {
    return simplify(program, { expand: false });
  }

  run(program: Program, inputs: readonly Tensor[]): readonly Tensor[] {
    const onHost = hostProgram(program);
    if (onHost) return onHost(inputs);
    const threads = threadsWanted();
    const memory = this.#memoryFor(threads);
    const fused = usesFusedMultiplyAdd();
    const compiled = this.#compiled.get(
      keyFor(program, fused),
      () => new CompiledProgram(program, memory, fused),
    );
    return compiled.run(inputs, threads);
  }

  /**
   * Memory for calls by so many threads. Code and memory are shared with threads or not, so the
   * first call that may have any starts afresh, in memory that is, once what threads need is loaded;
   * calls in progress stay where they are.
   */
  #memoryFor(threads: number): CallMemory {
    const { pool } = this.#memory;
    if (pool?.broken || (threads > 1 && !pool && this.#whyNotShared === undefined))
      this.#moveToShared();
    return this.#memory;
  }

  #moveToShared(): void {
    const threading = threadingAtHand();
    if (!threading) {
      void this.#loadThreads();
      return;
    }
    const old = this.#memory;
    try {
      this.#memory = new CallMemory(this.#options, threading);
    } catch (error) {
      // No address space for what must be reserved at once.
      this.#whyNotShared = String(error);
      if (old.pool) throw error;
      return;
    }
    this.#compiled.clear();
    this.#resumable.clear();
    old.retire();
  }
}

const keysOfFused = new WeakMap<Program, string>();

/** Tells code that rounds products on their own from code that does not. */
function keyFor(program: Program, fused: boolean): string {
  const plain = structuralKey(program);
  if (!fused) return plain;
  let key = keysOfFused.get(program);
  if (key === undefined) {
    // Kept, because a new string is hashed anew, and those of large Programs are long.
    key = `fused ${plain}`;
    keysOfFused.set(program, key);
  }
  return key;
}
