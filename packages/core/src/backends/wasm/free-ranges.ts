interface Range {
  readonly address: number;
  readonly bytes: number;
  /** Its place in its bin. */
  index: number;
}

/** How many ranges of the smallest bin that may fit are tried before larger ones are cut. */
const tries = 8;

/**
 * Free ranges of memory, neighbours joined, in bins by size, four to each power of two. Taking and
 * giving back cost the same however many there are.
 *
 * @see Masmano et al., TLSF: a new dynamic memory allocator for real-time systems (2004).
 */
export class FreeRanges {
  readonly #bins: Range[][] = [];
  readonly #byStart = new Map<number, Range>();
  readonly #byEnd = new Map<number, Range>();

  /** The address of `bytes` free bytes, a multiple of 16; no longer free then. */
  take(bytes: number): number | undefined {
    const range = this.#find(bytes);
    if (range === undefined) return undefined;
    this.#remove(range);
    const { address } = range;
    if (range.bytes > bytes) this.#add(address + bytes, range.bytes - bytes);
    return address;
  }

  /**
   * Makes a range free. Where it and its free neighbours reach `end`, they are forgotten instead,
   * and the result is the address where they begin.
   */
  give(address: number, bytes: number, end: number): number | undefined {
    const before = this.#byEnd.get(address);
    const after = this.#byStart.get(address + bytes);
    if (before) this.#remove(before);
    if (after) this.#remove(after);
    const start = before?.address ?? address;
    const stop = address + bytes + (after?.bytes ?? 0);
    if (stop === end) return start;
    this.#add(start, stop - start);
    return undefined;
  }

  #find(bytes: number): Range | undefined {
    const least = binOf(bytes);
    const bin = this.#bins[least] ?? [];
    for (let i = bin.length - 1; i >= Math.max(0, bin.length - tries); i--) {
      const range = bin[i];
      if (range && range.bytes >= bytes) return range;
    }
    for (let i = least + 1; i < this.#bins.length; i++) {
      const range = this.#bins[i]?.at(-1);
      if (range) return range;
    }
    return undefined;
  }

  #add(address: number, bytes: number): void {
    const number = binOf(bytes);
    while (this.#bins.length <= number) this.#bins.push([]);
    const bin = this.#bins[number] ?? [];
    const range = { address, bytes, index: bin.length };
    bin.push(range);
    this.#byStart.set(address, range);
    this.#byEnd.set(address + bytes, range);
  }

  #remove(range: Range): void {
    const bin = this.#bins[binOf(range.bytes)];
    const last = bin?.pop();
    if (bin && last && last !== range) {
      last.index = range.index;
      bin[range.index] = last;
    }
    this.#byStart.delete(range.address);
    this.#byEnd.delete(range.address + range.bytes);
  }
}

function binOf(bytes: number): number {
  const units = bytes / 16;
  const log = 31 - Math.clz32(units);
  return 4 * log + (log < 2 ? 0 : (units >>> (log - 2)) & 3);
}
