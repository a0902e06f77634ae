/** Places that are told apart in counting the readers of a value, at most. */
const placeLimit = 16;

/**
 * How many elements of a value its readers ask for. Those that read it at the element that one
 * kernel is at share that element, however many they are: each such place counts once.
 */
export class Demand {
  readonly #places = new Map<object, number>();
  /** Those beyond the limit of places, which share nothing. */
  #others = 0;

  get total(): number {
    return [...this.#places.values()].reduce((sum, elements) => sum + elements, this.#others);
  }

  add(place: object, elements: number): void {
    const known = this.#places.get(place);
    if (known === undefined && this.#places.size >= placeLimit) this.#others += elements;
    else this.#places.set(place, Math.max(known ?? 0, elements));
  }

  /** What is asked of an operand that is read at the same element, for a share of them. */
  addAligned(reader: Demand, share: number): void {
    for (const [place, elements] of reader.#places) this.add(place, elements * share);
    this.#others += reader.#others * share;
  }
}
