interface Entry<V> {
  readonly value: V;
  /** When it was used last. */
  used: number;
}

/** A map that forgets what was used least recently once it holds `limit` entries. */
export class Cache<V> {
  readonly #entries = new Map<string, Entry<V>>();
  readonly #limit: number;
  #clock = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The value of a key, made by `make` when it is not known. */
  get(key: string, make: () => V): V {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      known.used = ++this.#clock;
      return known.value;
    }
    const value = make();
    this.#entries.set(key, { value, used: ++this.#clock });
    if (this.#entries.size > this.#limit) this.#forgetOldest();
    return value;
  }

  /** The value of a key, where there is one. */
  peek(key: string): V | undefined {
    return this.#entries.get(key)?.value;
  }

  get size(): number {
    return this.#entries.size;
  }

  clear(): void {
    this.#entries.clear();
  }

  /** Looks at all of them: what was just made took much longer, and uses are marked for nothing. */
  #forgetOldest(): void {
    let oldest: string | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const [key, { used }] of this.#entries) {
      if (used >= least) continue;
      least = used;
      oldest = key;
    }
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
