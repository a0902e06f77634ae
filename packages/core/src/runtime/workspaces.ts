import type { RealmMemory } from '../backends/wasm/memory.ts';

/** The memory of one call. Calls may nest, and one that was left may go on after others. */
export interface Lease {
  /** Address of its block. */
  readonly base: number;
  /** Starts the call, or goes on with it. */
  enter(): void;
  /** Leaves the call, at its end or to go on later; the last one entered first. */
  leave(): void;
  /** Gives back its block and what its stacks have taken. */
  release(): void;
}

interface Block {
  readonly address: number;
  readonly bytes: number;
}

/**
 * The memory of the calls. Each takes a block of its own. As most come one after the other, the
 * last block given back serves the next call, unless it is larger than is worth keeping.
 */
export class Workspaces {
  readonly realm: RealmMemory;
  readonly #keptBytes: number;
  #spare: Block | undefined;

  constructor(realm: RealmMemory, keptBytes: number) {
    this.realm = realm;
    this.#keptBytes = keptBytes;
  }

  /** At least `bytes` bytes of unknown content, which belong to the caller until the release. */
  lease(bytes: number): Lease {
    const { realm } = this;
    const block = this.#take(bytes);
    const stacks: number[] = [];
    return {
      base: block.address,
      enter: () => realm.enter(stacks),
      leave: () => realm.leave(),
      release: () => {
        for (const address of stacks.splice(0)) realm.free(address);
        this.#keep(block);
      },
    };
  }

  #take(bytes: number): Block {
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare && spare.bytes >= bytes) return spare;
    if (spare) this.realm.free(spare.address);
    const room = Math.max(bytes, 2 * (spare?.bytes ?? 0), 2 ** 16);
    const wanted = room > this.#keptBytes ? bytes : room;
    return { address: this.realm.allocate(wanted), bytes: wanted };
  }

  #keep(block: Block): void {
    const spare = this.#spare;
    const better = !spare || spare.bytes < block.bytes;
    const kept = better && block.bytes <= this.#keptBytes;
    if (kept) this.#spare = block;
    if (!kept) this.realm.free(block.address);
    else if (spare) this.realm.free(spare.address);
  }
}
