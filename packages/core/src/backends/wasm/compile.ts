import type { Kernel, KernelModule } from '../../kernel/statement.ts';
import { chunksOf } from './emit/chunks.ts';
import { effectsOf } from './emit/effects.ts';
import { FunctionEmitter } from './emit/function.ts';
import { frameOf, printMain, sharedLocals } from './emit/main.ts';
import { ModuleParts, type PrintOptions } from './emit/parts.ts';
import { printCutKernel } from './emit/resumable-kernel.ts';
import { printResumableMain } from './emit/resumable-main.ts';
import { type ResumeLayout, Resumption, resumeLayoutOf } from './emit/resumption.ts';
import { isCut, type Route, routeOf } from './emit/route.ts';
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

function threadBytesOf({ shared, scratchBytes }: ModuleParts): number | undefined {
  return shared && shared.sections > 0 ? scratchBytes : undefined;
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
export function compileResumable(
  module: KernelModule,
  options: PrintOptions = {},
): ResumableModule {
  const { route, counters } = routeOf(module.main);
  const { frame, layout } = frameOf(module, [...effectsOf(module.main).sets]);
  const plan = resumeLayoutOf(layout, counters);
  const parts = new ModuleParts(module.hosts, plan.bytes, options);
  const resumption = new Resumption(parts, plan);
  for (const kernel of module.kernels) {
    if (isCut(kernel)) printCutKernel(resumption, kernel, parts.declareKernel(kernel, ['i32']));
    else printKernel(parts, kernel);
  }
  printResumableMain(resumption, frame, route);
  const bytes = parts.module.finish();
  return {
    bytes,
    layout,
    growsStacks: parts.growsStacks,
    threadBytes: threadBytesOf(parts),
    resume: { ...plan, bytes: plan.bytes + parts.scratchBytes },
    route,
  };
}

function printKernel(parts: ModuleParts, kernel: Kernel): void {
  const emitter = new FunctionEmitter(parts, parts.declareKernel(kernel));
  const storage = new KernelStorage(emitter, kernel.name, kernel.params);
  const options = { kernel, outliner: chunksOf(kernel), tiles: tilesOf(kernel) };
  new StatementPrinter(emitter, storage, options).print(kernel.body);
}
