import type { Residents } from './residents.ts';

/** The memory of one call. Calls may nest, and one that was left may go on after others. */
export class Lease {
  /** Address of its block. */
  readonly base: number;
  readonly bytes: number;
  readonly #workspaces: Workspaces;
  readonly #stacks: number[] = [];

  constructor(workspaces: Workspaces, base: number, bytes: number) {
    this.#workspaces = workspaces;
    this.base = base;
    this.bytes = bytes;
  }

  /** Starts the call, or goes on with it. */
  enter(): void {
    this.#workspaces.realm.enter(this.#stacks);
  }

  /** Leaves the call, at its end or to go on later; the last one entered first. */
  leave(): void {
    this.#workspaces.realm.leave();
  }

  /** Gives back its block and what its stacks have taken. */
  release(): void {
    const { realm } = this.#workspaces;
    for (const address of this.#stacks) realm.free(address);
    this.#stacks.length = 0;
    this.#workspaces.keep(this);
  }
}

/**
 * The memory of the calls. Each takes a block of its own. As most come one after the other, the
 * last block given back serves the next call, unless it is larger than is worth keeping.
 */
export class Workspaces {
  readonly #residents: Residents;
  readonly #keptBytes: number;
  #spare: Lease | undefined;

  constructor(residents: Residents, keptBytes: number) {
    this.#residents = residents;
    this.#keptBytes = keptBytes;
  }

  get realm(): Residents['realm'] {
    return this.#residents.realm;
  }

  /** At least `bytes` bytes of unknown content, which belong to the caller until the release; what they are for goes into messages. */
  lease(bytes: number, what: () => string = () => 'the work of a call'): Lease {
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare && spare.bytes >= bytes) return spare;
    if (spare) this.realm.free(spare.base);
    const room = Math.max(bytes, 2 * (spare?.bytes ?? 0), 2 ** 16);
    const wanted = room > this.#keptBytes ? bytes : room;
    const base = this.#residents.allocate(wanted, what);
    return new Lease(this, base, wanted);
  }

  /** @internal Takes back the block of a lease. */
  keep(lease: Lease): void {
    const spare = this.#spare;
    const better = !spare || spare.bytes < lease.bytes;
    const kept = better && lease.bytes <= this.#keptBytes;
    if (kept) this.#spare = lease;
    if (!kept) this.realm.free(lease.base);
    else if (spare) this.realm.free(spare.base);
  }
}
