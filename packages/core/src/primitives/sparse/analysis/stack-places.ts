interface Hole {
  at: number;
  size: number;
}

/**
 * Gives places to blocks of memory that come and go: the smallest hole that a block fits into, or the
 * end. Neighbouring holes become one.
 */
export class StackPlaces {
  /** How much there has ever been in use. */
  end = 0;
  readonly #holes: Hole[] = [];

  take(size: number): number {
    if (size === 0) return 0;
    let best: Hole | undefined;
    for (const hole of this.#holes) {
      if (hole.size >= size && (!best || hole.size < best.size)) best = hole;
    }
    const last = this.#holes.at(-1);
    if (!best && last && last.at + last.size === this.end) {
      this.end = last.at + size;
      this.#holes.pop();
      return last.at;
    }
    if (!best) {
      const at = this.end;
      this.end += size;
      return at;
    }
    const { at } = best;
    best.at += size;
    best.size -= size;
    if (best.size === 0) this.#holes.splice(this.#holes.indexOf(best), 1);
    return at;
  }

  release(at: number, size: number): void {
    if (size === 0) return;
    let i = this.#holes.findIndex((hole) => hole.at > at);
    if (i < 0) i = this.#holes.length;
    const before = this.#holes[i - 1];
    const after = this.#holes[i];
    const own = { at, size };
    if (after && at + size === after.at) {
      own.size += after.size;
      this.#holes.splice(i, 1);
    }
    if (before && before.at + before.size === at) before.size += own.size;
    else this.#holes.splice(i, 0, own);
  }
}
