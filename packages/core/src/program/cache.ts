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
  /** Entries as they were used when it was last full, the oldest ones last. */
  #oldest: { readonly key: string; readonly used: number }[] = [];

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
    this.#oldest = [];
  }

  /** What has been used since `#oldest` was made is younger than all in it: uses cost nothing. */
  #forgetOldest(): void {
    for (;;) {
      const oldest = this.#oldest.pop();
      if (oldest === undefined) {
        const entries = [...this.#entries].map(([key, { used }]) => ({ key, used }));
        this.#oldest = entries.sort((a, b) => b.used - a.used);
      } else if (this.#entries.get(oldest.key)?.used === oldest.used) {
        this.#entries.delete(oldest.key);
        return;
      }
    }
  }
}
