import type { Local } from '../../kernel/expr.ts';
import type { KernelModule } from '../../kernel/statement.ts';

/**
 * The memory of one call, from `base`, a multiple of 16:
 *
 * | bytes | content |
 * | --- | --- |
 * | 16 | status record: int32 kind (`statusKinds`), site, index; one unused |
 * | 4 for each input, then each output | int32 addresses, filled in by the caller; then padding to 16 |
 * | `workspaceBytes` | the workspace, then padding to 16 |
 * | from `variablesAt` | the code's own variables, then padding to 16 |
 * | the rest of `bytes`, from `scratchAt` | what a kernel needs while it runs |
 *
 * The caller writes zeros to the status record and the addresses to the table. `site` is a number
 * of `KernelModule.sites`; `index` is the index that was out of range, or the detail of a failure.
 * When a module swaps inputs or outputs, the table holds their last addresses after the call.
 */
export interface ModuleLayout {
  readonly tableAt: number;
  readonly workspaceAt: number;
  readonly variablesAt: number;
  readonly scratchAt: number;
  /** All of it. */
  readonly bytes: number;
}

/** First word of the status record after a call. Out of memory, the third says how many pages were asked for. */
export const statusKinds = { ok: 0, failed: 1, outOfMemory: 2 } as const;

const statusBytes = 16;

export function align(bytes: number, to = 16): number {
  return Math.ceil(bytes / to) * to;
}

/** All but the scratch memory, whose size is known last. */
export function layoutOf(
  module: KernelModule,
  swapped: number,
  locals: readonly Local[],
): ModuleLayout {
  const tableAt = statusBytes;
  const workspaceAt = align(tableAt + 4 * (module.inputs.length + module.outputs.length));
  const variablesAt = align(workspaceAt + module.workspaceBytes);
  const scratchAt = align(variablesAt + 8 * locals.length + 4 * swapped);
  return { tableAt, workspaceAt, variablesAt, scratchAt, bytes: scratchAt };
}
