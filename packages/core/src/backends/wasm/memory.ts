import { align } from './layout.ts';

const pageBytes = 65536;
/** One page less than there could be, so that every end of a block is a 32-bit address. */
const maximumPages = 65535;

/**
 * The WebAssembly memory of a realm, and an allocator of blocks in it: first fit in a list of free
 * ranges in the order of their addresses, neighbours joined. All addresses are multiples of 16.
 */
export class RealmMemory {
  readonly memory: WebAssembly.Memory;
  /** Where growable stacks of the call that runs find memory: above all blocks. */
  readonly stackTop: WebAssembly.Global<'i32'>;
  readonly #free: { address: number; bytes: number }[] = [];
  readonly #used = new Map<number, number>();
  /** For each call that runs, the outermost first, the blocks that its stacks have filled. */
  readonly #calls: number[][] = [];
  /** Nothing at or above this address is in use. Address 0 is never handed out. */
  #end = 16;

  constructor(limits: { readonly maximumPages?: number } = {}) {
    this.memory = new WebAssembly.Memory({
      initial: 1,
      maximum: limits.maximumPages ?? maximumPages,
    });
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

  /** Bytes in use. */
  get bytesInUse(): number {
    let sum = 0;
    for (const bytes of this.#used.values()) sum += bytes;
    return sum;
  }

  /**
   * A block of at least `bytes` bytes of unknown content.
   *
   * @throws RangeError when memory cannot grow that far; what was allocated before stays usable.
   */
  allocate(bytes: number): number {
    const size = Math.max(16, align(bytes));
    const at = this.#free.findIndex((range) => range.bytes >= size);
    const range = this.#free[at];
    if (range) {
      const { address } = range;
      if (range.bytes === size) this.#free.splice(at, 1);
      else this.#free[at] = { address: address + size, bytes: range.bytes - size };
      this.#used.set(address, size);
      return address;
    }
    this.#claimStacks();
    const address = this.#end;
    this.#reach(address + size, bytes);
    this.#end = address + size;
    this.#used.set(address, size);
    this.stackTop.value = this.#end;
    return address;
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
    const top = align(this.stackTop.value >>> 0);
    if (stacks === undefined || top <= this.#end) return;
    this.#used.set(this.#end, top - this.#end);
    stacks.push(this.#end);
    this.#end = top;
  }

  #reach(end: number, bytes: number): void {
    const missing = end - this.memory.buffer.byteLength;
    if (missing <= 0) return;
    try {
      this.memory.grow(Math.ceil(missing / pageBytes));
    } catch (error) {
      const inUse = (this.bytesInUse / 2 ** 20).toFixed(1);
      throw new RangeError(
        `Cannot allocate ${bytes} bytes: ${inUse} MiB of WebAssembly memory are in use and it cannot grow further. Free tensors with dispose(), or work on smaller pieces.`,
        { cause: error },
      );
    }
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
    let at = this.#free.findIndex((range) => range.address > address);
    if (at < 0) at = this.#free.length;
    const before = this.#free[at - 1];
    const after = this.#free[at];
    const joined = { address, bytes };
    if (after && address + bytes === after.address) {
      joined.bytes += after.bytes;
      this.#free.splice(at, 1);
    }
    if (before && before.address + before.bytes === address) {
      before.bytes += joined.bytes;
      this.#trim(at - 1);
    } else {
      this.#free.splice(at, 0, joined);
      this.#trim(at);
    }
  }

  /** A free range at the end is no range: it may serve the stacks of calls. */
  #trim(at: number): void {
    const range = this.#free[at];
    if (!range || range.address + range.bytes !== this.#end) return;
    this.#end = range.address;
    this.#free.splice(at, 1);
  }
}
