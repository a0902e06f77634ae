/**
 * A sum whose rounding errors are added up beside it, for reference rules: the order and the
 * number of the terms hardly matter.
 *
 * @see Neumaier, Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen, Zeitschrift
 *   fuer Angewandte Mathematik und Mechanik 54 (1974) 39-51.
 */
export class CompensatedSum {
  #sum = 0;
  #lost = 0;

  add(term: number): void {
    const next = this.#sum + term;
    const [large, small] =
      Math.abs(this.#sum) >= Math.abs(term) ? [this.#sum, term] : [term, this.#sum];
    this.#lost += large - next + small;
    this.#sum = next;
  }

  get value(): number {
    return Number.isFinite(this.#sum) ? this.#sum + this.#lost : this.#sum;
  }
}
