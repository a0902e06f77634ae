import type { KernelModule } from '../../kernel/statement.ts';
import { type CompiledModule, printKernel, threadBytesOf } from './compile.ts';
import { effectsOf } from './emit/effects.ts';
import { frameOf } from './emit/main.ts';
import { ModuleParts, type PrintOptions } from './emit/parts.ts';
import { printCutKernel } from './emit/resumable-kernel.ts';
import { printResumableMain } from './emit/resumable-main.ts';
import { type ResumeLayout, Resumption, resumeLayoutOf } from './emit/resumption.ts';
import { isCut, type Route, routeOf } from './emit/route.ts';

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
