import type { Kernel, KernelModule } from '../../kernel/statement.ts';
import { chunksOf } from './emit/chunks.ts';
import { effectsOf } from './emit/effects.ts';
import { FunctionEmitter } from './emit/function.ts';
import { frameOf, printMain } from './emit/main.ts';
import { ModuleParts } from './emit/parts.ts';
import { printCutKernel } from './emit/resumable-kernel.ts';
import { printResumableMain } from './emit/resumable-main.ts';
import { type ResumeLayout, Resumption, resumeLayoutOf } from './emit/resumption.ts';
import { isCut, type Route, routeOf } from './emit/route.ts';
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
  for (const kernel of module.kernels) printKernel(parts, kernel);
  const layout = printMain(parts, module);
  return { bytes: parts.module.finish(), layout, growsStacks: parts.growsStacks };
}

/** A module whose calls can be left and entered again, and computes the same. */
export interface ResumableModule extends CompiledModule {
  readonly resume: ResumeLayout;
  readonly route: Route;
}

/**
 * Prints a kernel module as WebAssembly that need not run to its end at once. It imports
 * `env.refuel` besides, which says how many operations, about, may pass until it is asked again, or
 * a negative number to leave the call. `run(base)` tells whether it was left; it is called again
 * to go on. The caller writes zeros to the words from `resume.pointAt` on before it first calls.
 */
export function compileResumable(module: KernelModule): ResumableModule {
  const parts = new ModuleParts(module.hosts);
  const { route, counters } = routeOf(module.main);
  const { frame, layout } = frameOf(module, [...effectsOf(module.main).sets]);
  const resumption = new Resumption(parts, resumeLayoutOf(layout, counters));
  for (const kernel of module.kernels) {
    if (isCut(kernel)) printCutKernel(resumption, kernel, parts.declareKernel(kernel, ['i32']));
    else printKernel(parts, kernel);
  }
  printResumableMain(resumption, frame, route);
  const { growsStacks } = parts;
  return { bytes: parts.module.finish(), layout, growsStacks, resume: resumption.layout, route };
}

function printKernel(parts: ModuleParts, kernel: Kernel): void {
  const emitter = new FunctionEmitter(parts, parts.declareKernel(kernel));
  const storage = new KernelStorage(emitter, kernel.name, kernel.params);
  new StatementPrinter(emitter, storage, { outliner: chunksOf(kernel) }).print(kernel.body);
}
