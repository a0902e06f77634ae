/** Steps over which a rate is taken. */
const window = 50;

/** How many steps a second there were of late. */
export class StepRate {
  readonly #times: number[] = [performance.now()];

  mark(): void {
    this.#times.push(performance.now());
    if (this.#times.length > window + 1) this.#times.shift();
  }

  get perSecond(): number {
    const [first = 0] = this.#times;
    const seconds = ((this.#times.at(-1) ?? first) - first) / 1000;
    return seconds > 0 ? (this.#times.length - 1) / seconds : 0;
  }
}
