import { RealmMemory } from '../backends/wasm/memory.ts';
import { Residents } from './residents.ts';
import { Slab } from './slab.ts';
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
}

/** All memory of compiled calls: their workspaces, and the tensors that stay between them. */
export class CallMemory {
  readonly realm: RealmMemory;
  readonly residents: Residents;
  readonly slab = new Slab();
  readonly residentFrom: number;
  readonly broughtFrom: number;
  readonly #workspaces: Workspaces;

  constructor(options: CallMemoryOptions) {
    const { keptBytes = 2 ** 26, residentBytes = 2 ** 27, maximumPages } = options;
    this.realm = new RealmMemory(maximumPages === undefined ? {} : { maximumPages });
    this.residents = new Residents(this.realm, residentBytes);
    this.residentFrom = options.residentFrom ?? 2 ** 16;
    this.broughtFrom = options.broughtFrom ?? 2 ** 13;
    this.#workspaces = new Workspaces(this.residents, keptBytes);
  }

  /** See `Workspaces`. */
  lease(bytes: number): Lease {
    return this.#workspaces.lease(bytes);
  }
}
