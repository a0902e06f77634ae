import type { ModuleBuilder } from '../encode/module.ts';
import { shareChunks, shareLoop } from './shared-loop.ts';
import { shareSums } from './shared-sum.ts';
import { shareColumns } from './tile-columns.ts';
import { shareRows } from './tile-rows.ts';
import { sharingOf } from './tile-sharing.ts';

/** How large work is that threads share, in operations. It never shows in results. */
export interface Grain {
  /** Of one piece, about. */
  readonly piece: number;
  /** Of all pieces of a loop or sum, at least. */
  readonly section: number;
  /** Of all multiplications of a nest of tiles, at least. */
  readonly tiles: number;
}

/** A piece is worth some atomic instructions, and a section the time that a thread takes to wake. */
export const usualGrain: Grain = { piece: 2 ** 16, section: 2 ** 18, tiles: 2 ** 19 };

/**
 * What a module for memory that threads share has besides, and how work is shared there. Whoever
 * makes one loads what prints that; other modules do without.
 */
export class SharedParts {
  readonly grain: Grain;
  /** Global: where the module is in memory. */
  readonly module: number;
  /** Global: from the base of the call to the status record in use; 0 outside of sections. */
  readonly status: number;
  /** Global: from the scratch memory of the call to that of this thread; 0 in the caller. */
  readonly scratch: number;
  /** Global: the piece at work. */
  readonly piece: number;
  /** (thread): waits a little for a thread that is inside. */
  readonly wait: number;
  /** Sections of the module. */
  sections = 0;
  readonly shareLoop = shareLoop;
  readonly shareChunks = shareChunks;
  readonly shareSums = shareSums;
  readonly sharingOf = sharingOf;
  readonly shareRows = shareRows;
  readonly shareColumns = shareColumns;

  constructor(module: ModuleBuilder, grain: Grain) {
    this.grain = grain;
    this.wait = module.importFunction('env', 'wait', ['i32'], []);
    this.module = module.global();
    this.status = module.global();
    this.scratch = module.global();
    this.piece = module.global();
    module.exportGlobal('module', this.module);
    module.exportGlobal('status', this.status);
  }
}
