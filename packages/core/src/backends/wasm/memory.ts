import { OutOfMemoryError, withinMemory } from '../../tensor/out-of-memory.ts';
import { FreeRanges } from './free-ranges.ts';
import { align } from './layout.ts';
import { recordEnd } from './threads/record.ts';

/** Memory grows by multiples of it. */
export const pageBytes = 65536;
/** One page less than there could be, so that every end of a block is a 32-bit address. */
const maximumPages = 65535;
/** Memory grows by this share of what there is, or by `mostGrowth`, whichever is less. */
const growth = 1 / 4;
const mostGrowth = 2 ** 24;

/**
 * The WebAssembly memory of a realm, and an allocator of blocks in it. All addresses are multiples
 * of 16.
 */
export class RealmMemory {
  readonly memory: WebAssembly.Memory;
  /** Where growable stacks of the call that runs find memory: above all blocks. */
  readonly stackTop: WebAssembly.Global<'i32'>;
  readonly #maximumBytes: number;
  readonly #free = new FreeRanges();
  readonly #used = new Map<number, number>();
  /** For each call that runs, the outermost first, the blocks that its stacks have filled. */
  readonly #calls: number[][] = [];
  /** Nothing at or above this address is in use. Address 0 is never handed out. */
  #end = 16;
  #bytesInUse = 0;

  /** Whether threads share it. Then views of it stay good when it grows, and see its old length. */
  readonly shared: boolean;

  /** @throws OutOfMemoryError where memory cannot be had, which is likelier when it is to be shared. */
  constructor(limits: { readonly maximumPages?: number; readonly shared?: boolean } = {}) {
    const maximum = limits.maximumPages ?? maximumPages;
    this.shared = limits.shared ?? false;
    this.#maximumBytes = maximum * pageBytes;
    this.memory = withinMemory(
      () => new WebAssembly.Memory({ initial: 1, maximum, shared: this.shared }),
      this.#maximumBytes,
      () => 'the addresses of a WebAssembly memory',
    );
    if (this.shared) this.#end = align(recordEnd);
    this.stackTop = new WebAssembly.Global({ value: 'i32', mutable: true }, this.#end);
  }

  /** What a compiled module imports. */
  get imports(): WebAssembly.Imports {
    return { env: { memory: this.memory, stackTop: this.stackTop } };
  }

  /** First address above all blocks. */
  get end(): number {
    return this.#end;
  }

  /** What it may grow to. */
  get mostBytes(): number {
    return this.#maximumBytes;
  }

  /** Bytes in use. */
  get bytesInUse(): number {
    return this.#bytesInUse;
  }

  /**
   * A block of at least `bytes` bytes of unknown content.
   *
   * @throws OutOfMemoryError when memory cannot grow that far; what was allocated before stays usable.
   */
  allocate(bytes: number): number {
    const address = this.tryAllocate(bytes);
    if (address !== undefined) return address;
    throw new OutOfMemoryError({
      bytes,
      what: 'a block',
      held: { said: 'WebAssembly memory cannot grow further', bytes: this.#bytesInUse },
    });
  }

  /** A block as of `allocate`, where there is room for one. */
  tryAllocate(bytes: number): number | undefined {
    const size = Math.max(16, align(bytes));
    let address = this.#free.take(size);
    if (address === undefined) {
      this.#claimStacks();
      address = this.#end;
      if (!this.#reach(address + size)) return undefined;
      this.#end = address + size;
      this.stackTop.value = this.#end;
    }
    this.#use(address, size);
    return address;
  }

  #use(address: number, size: number): void {
    this.#used.set(address, size);
    this.#bytesInUse += size;
  }

  #reach(end: number): boolean {
    const present = this.memory.buffer.byteLength;
    const missing = end - present;
    if (missing <= 0) return true;
    if (end > this.#maximumBytes) return false;
    const generous = Math.min(present * growth, mostGrowth, this.#maximumBytes - present);
    return this.#grow(Math.max(missing, generous)) || this.#grow(missing);
  }

  #grow(bytes: number): boolean {
    try {
      this.memory.grow(Math.ceil(bytes / pageBytes));
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Starts a call, or goes on with one that was left: its stacks grow above all that is in use.
   * They become blocks when something else needs that place; `stacks` collects the addresses,
   * for whoever frees them. Calls that are entered while another runs are left before it goes on.
   */
  enter(stacks: number[]): void {
    this.#claimStacks();
    this.#calls.push(stacks);
    this.stackTop.value = this.#end;
  }

  /** Leaves the call that was entered last, for good or for a while. */
  leave(): void {
    this.#claimStacks();
    this.#calls.pop();
    this.stackTop.value = this.#end;
  }

  /** What the stacks of the call that runs have reached becomes a block. */
  #claimStacks(): void {
    const stacks = this.#calls.at(-1);
    if (stacks === undefined) return;
    const top = align(this.stackTop.value >>> 0);
    if (top <= this.#end) return;
    this.#use(this.#end, top - this.#end);
    stacks.push(this.#end);
    this.#end = top;
  }

  /**
   * Gives a block back.
   *
   * @throws Error when no block begins there.
   */
  free(address: number): void {
    const bytes = this.#used.get(address);
    if (bytes === undefined) throw new Error(`No block of memory begins at ${address}.`);
    this.#used.delete(address);
    this.#bytesInUse -= bytes;
    // A free range at the end is no range: it may serve the stacks of calls.
    const joined = this.#free.give(address, bytes, this.#end);
    if (joined !== undefined) this.#end = joined;
  }
}
