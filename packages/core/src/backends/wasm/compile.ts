import type { KernelModule } from '../../kernel/statement.ts';
import { chunksOf } from './emit/chunks.ts';
import { FunctionEmitter } from './emit/function.ts';
import { printMain } from './emit/main.ts';
import { ModuleParts } from './emit/parts.ts';
import { StatementPrinter } from './emit/statements.ts';
import { KernelStorage } from './emit/storage.ts';
import type { ModuleLayout } from './layout.ts';

/**
 * A WebAssembly module that imports `env.memory`, the mutable i32 global `env.stackTop`, and for
 * each of the module's host calls a function of addresses, `env.host0` and so on. It exports
 * `run(base)` and the mutable i32 global `base`, the memory of the call that runs.
 */
export interface CompiledModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly layout: ModuleLayout;
  /** Whether a call may take memory at `stackTop`: the realm must have been entered then. */
  readonly growsStacks: boolean;
}

/** Prints a kernel module as WebAssembly. */
export function compileModule(module: KernelModule): CompiledModule {
  const parts = new ModuleParts(module.hosts);
  const builders = module.kernels.map((kernel) => ({
    kernel,
    builder: parts.declareKernel(kernel),
  }));
  for (const { kernel, builder } of builders) {
    const emitter = new FunctionEmitter(parts, builder);
    const storage = new KernelStorage(emitter, kernel.name, kernel.params);
    new StatementPrinter(emitter, storage, { outliner: chunksOf(kernel) }).print(kernel.body);
  }
  const layout = printMain(parts, module);
  return { bytes: parts.module.finish(), layout, growsStacks: parts.growsStacks };
}
