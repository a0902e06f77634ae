import type { Kernel, KernelModule } from '../../kernel/statement.ts';
import { chunksOf } from './emit/chunks.ts';
import { FunctionEmitter } from './emit/function.ts';
import { frameOf, printMain, sharedLocals } from './emit/main.ts';
import { ModuleParts, type PrintOptions } from './emit/parts.ts';
import { StatementPrinter } from './emit/statements.ts';
import { KernelStorage } from './emit/storage.ts';
import { tilesOf } from './emit/tiles.ts';
import type { ModuleLayout } from './layout.ts';

/**
 * A WebAssembly module that imports `env.memory`, the mutable i32 global `env.stackTop`, and for
 * each of the module's host calls a function of addresses, `env.host0` and so on. It exports
 * `run(base)` and the mutable i32 global `base`, the memory of the call that runs. One for memory
 * that threads share imports `env.wait` besides, a function of the number of a thread, and exports the
 * mutable i32 globals `module`, the address of its own bytes, and `status`, and for each section a
 * function of the number of a thread, `section0` and so on.
 */
export interface CompiledModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly layout: ModuleLayout;
  /** Whether a call may take memory at `stackTop`: the realm must have been entered then. */
  readonly growsStacks: boolean;
  /** Bytes of its own that each thread needs for what threads share; undefined where they share nothing. */
  readonly threadBytes: number | undefined;
}

/** Prints a kernel module as WebAssembly. */
export function compileModule(module: KernelModule, options: PrintOptions = {}): CompiledModule {
  const { frame, layout } = frameOf(module, sharedLocals(module.main));
  const parts = new ModuleParts(module.hosts, layout.scratchAt, options);
  for (const kernel of module.kernels) printKernel(parts, kernel);
  printMain(parts, module, frame);
  const bytes = parts.module.finish();
  return {
    bytes,
    layout: { ...layout, bytes: layout.bytes + parts.scratchBytes },
    growsStacks: parts.growsStacks,
    threadBytes: threadBytesOf(parts),
  };
}

/** See `CompiledModule`. */
export function threadBytesOf({ shared, scratchBytes }: ModuleParts): number | undefined {
  return shared && shared.sections > 0 ? scratchBytes : undefined;
}

/** Prints a kernel as a function of the addresses of its arrays. */
export function printKernel(parts: ModuleParts, kernel: Kernel): void {
  const emitter = new FunctionEmitter(parts, parts.declareKernel(kernel));
  const storage = new KernelStorage(emitter, kernel.name, kernel.params);
  const options = { kernel, outliner: chunksOf(kernel), tiles: tilesOf(kernel) };
  new StatementPrinter(emitter, storage, options).print(kernel.body);
}
