import { simplify } from '../compiler/simplify.ts';
import { Cache } from '../program/cache.ts';
import { structuralKey } from '../program/hash.ts';
import type { Program } from '../program/program.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Executor, ResumableRun } from '../trace/executor.ts';
import { CallMemory, type CallMemoryOptions } from './call-memory.ts';
import { CompiledProgram } from './compiled-program.ts';
import { hostProgram } from './host-calls.ts';
import { ResumableProgram } from './resumable-program.ts';
import { usesFusedMultiplyAdd } from './set-reproducible.ts';

export interface WasmExecutorOptions extends CallMemoryOptions {
  /** Compiled Programs that are kept; the least recently used go first. */
  readonly programs?: number;
}

/** Compiles Programs to WebAssembly and runs each as one call. */
export class WasmExecutor implements Executor {
  readonly #compiled: Cache<CompiledProgram>;
  readonly #resumable: Cache<ResumableProgram>;
  readonly #memory: CallMemory;

  constructor({ programs = 1024, ...memory }: WasmExecutorOptions = {}) {
    this.#compiled = new Cache(programs);
    this.#resumable = new Cache(programs);
    this.#memory = new CallMemory(memory);
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

  begin(program: Program, inputs: readonly Tensor[]): ResumableRun {
    const fused = usesFusedMultiplyAdd();
    const compiled = this.#resumable.get(
      keyFor(program, fused),
      () => new ResumableProgram(program, this.#memory, { fused }),
    );
    return compiled.begin(inputs);
  }

  simplify(program: Program): Program {
    return simplify(program, { expand: false });
  }

  run(program: Program, inputs: readonly Tensor[]): readonly Tensor[] {
    const onHost = hostProgram(program);
    if (onHost) return onHost(inputs);
    const fused = usesFusedMultiplyAdd();
    const compiled = this.#compiled.get(
      keyFor(program, fused),
      () => new CompiledProgram(program, this.#memory, { fused }),
    );
    return compiled.run(inputs);
  }
}

/** Tells code that rounds products on their own from code that does not. */
function keyFor(program: Program, fused: boolean): string {
  return `${fused ? 'fused ' : ''}${structuralKey(program)}`;
}
