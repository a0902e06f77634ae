/** A trial point by its violation of constraints and its value, with barrier. */
export interface Merits {
  readonly violation: number;
  readonly value: number;
}

const margin = 1e-5;

/**
 * The filter of a line search (R. Fletcher and S. Leyffer, Math. Program. 91 (2002) 239): a step has to make
 * the violation or the value better than at each point that was left for a smaller violation. Constants
 * as in Wächter and Biegler (2006), section 2.3.
 */
export class Filter {
  readonly #small: number;
  readonly #large: number;
  #points: Merits[] = [];

  constructor(violation: number) {
    this.#small = 1e-4 * Math.max(1, violation);
    this.#large = 1e4 * Math.max(1, violation);
  }

  /** Forgets all points, for another weight of the barrier. */
  clear(): void {
    this.#points = [];
  }

  /** Whether to take a part of a step with the given slope of the value; if so, the filter learns from it. */
  accepts(from: Merits, to: Merits, part: number, slope: number): boolean {
    const { violation, value } = to;
    if (!Number.isFinite(violation) || !Number.isFinite(value) || violation > this.#large)
      return false;
    const rounding = 10 * Number.EPSILON * Math.max(1, Math.abs(from.value));
    if (this.#points.some((p) => violation >= p.violation && value - rounding >= p.value))
      return false;
    const descends = slope < 0 && part * (-slope) ** 2.3 > from.violation ** 1.1;
    if (descends && from.violation <= this.#small) {
      return value - from.value - rounding <= 1e-4 * part * slope;
    }
    const isBetter =
      violation <= (1 - margin) * from.violation ||
      value - from.value - rounding <= -margin * from.violation;
    if (isBetter) {
      this.#points.push({
        violation: (1 - margin) * from.violation,
        value: from.value - margin * from.violation,
      });
    }
    return isBetter;
  }
}
