/** Arithmetic of coefficients: numbers, pairs of floats, or expressions of a kernel. */
export interface Ring<T> {
  number(value: number): T;
  add(x: T, y: T): T;
  mul(x: T, y: T): T;
  div(x: T, y: T): T;
}

/**
 * A power series in two variables, cut off after given powers of each: the coefficient of the
 * powers i and j stands at `i (most of the second + 1) + j`, and one that is left out is zero.
 */
export type Jet<T> = readonly (T | undefined)[];

/**
 * Arithmetic of functions together with their derivatives: the coefficient of the powers i and j is
 * the derivative of these orders divided by i! j!.
 *
 * @see Griewank and Walther, Evaluating Derivatives (2008), chapter 13.
 */
export class Jets<T> {
  readonly #ring: Ring<T>;
  /** Most powers of the two variables. */
  readonly #most: readonly [number, number];
  readonly size: number;

  constructor(ring: Ring<T>, first: number, second = 0) {
    this.#ring = ring;
    this.#most = [first, second];
    this.size = (first + 1) * (second + 1);
  }

  /** Place of the coefficient of two powers; undefined for those that are cut off. */
  place(i: number, j = 0): number | undefined {
    const [first, second] = this.#most;
    return i > first || j > second ? undefined : i * (second + 1) + j;
  }

  constant(x: T): Jet<T> {
    return Array.from({ length: this.size }, (_, at) => (at === 0 ? x : undefined));
  }

  /** c0 + c1 (u + v), with u the first variable and v the second, where each is wanted. */
  linear(c0: T, c1: T, of: { readonly first?: boolean; readonly second?: boolean }): Jet<T> {
    const first = of.first ? this.place(1, 0) : undefined;
    const second = of.second ? this.place(0, 1) : undefined;
    return Array.from({ length: this.size }, (_, at) =>
      at === 0 ? c0 : at === first || at === second ? c1 : undefined,
    );
  }

  add(a: Jet<T>, b: Jet<T>): Jet<T> {
    return Array.from({ length: this.size }, (_, at) => this.#sum(a[at], b[at]));
  }

  scale(a: Jet<T>, by: T): Jet<T> {
    return a.map((x) => (x === undefined ? undefined : this.#ring.mul(x, by)));
  }

  mul(a: Jet<T>, b: Jet<T>): Jet<T> {
    return this.#each((i, j) => this.#convolved(i, j, a, b, () => true));
  }

  /** 1 / a. */
  inverse(a: Jet<T>): Jet<T> {
    const [whole] = a;
    if (whole === undefined) throw new Error('A series without a constant has no inverse.');
    const ring = this.#ring;
    const first = ring.div(ring.number(1), whole);
    const result: (T | undefined)[] = [];
    this.#each((i, j) => {
      if (i + j === 0) {
        result.push(first);
        return undefined;
      }
      const rest = this.#convolved(i, j, a, result, (m, n) => m + n > 0);
      const scaled = rest === undefined ? undefined : ring.mul(rest, first);
      result.push(scaled === undefined ? undefined : ring.mul(scaled, ring.number(-1)));
      return undefined;
    });
    return result;
  }

  /** The exponential of h, where that of its constant term is known. */
  exp(h: Jet<T>, first: T): Jet<T> {
    const ring = this.#ring;
    const result: (T | undefined)[] = [];
    this.#each((i, j) => {
      if (i + j === 0) {
        result.push(first);
        return undefined;
      }
      // From e' = h' e in one of the variables.
      const power = (m: number, n: number): number => (i > 0 ? m : n);
      const slopes = h.map((x, at) => {
        const by = power(...this.#powers(at));
        return x === undefined || by === 0 ? undefined : ring.mul(x, ring.number(by));
      });
      const total = this.#convolved(i, j, slopes, result, (m, n) => power(m, n) > 0);
      result.push(
        total === undefined ? undefined : ring.div(total, ring.number(Math.max(i > 0 ? i : j, 1))),
      );
      return undefined;
    });
    return result;
  }

  /** The derivative of the highest orders. */
  derivative(a: Jet<T>): T {
    const [first, second] = this.#most;
    const top = a[this.size - 1];
    if (top === undefined) return this.#ring.number(0);
    return this.#ring.mul(top, this.#ring.number(factorial(first) * factorial(second)));
  }

  #powers(at: number): [number, number] {
    const width = this.#most[1] + 1;
    return [Math.floor(at / width), at % width];
  }

  #each(make: (i: number, j: number) => T | undefined): Jet<T> {
    return Array.from({ length: this.size }, (_, at) => make(...this.#powers(at)));
  }

  #sum(x: T | undefined, y: T | undefined): T | undefined {
    if (x === undefined) return y;
    return y === undefined ? x : this.#ring.add(x, y);
  }

  /** The sum of a[m, n] b[i - m, j - n] over chosen m <= i and n <= j. */
  #convolved(
    i: number,
    j: number,
    a: Jet<T>,
    b: Jet<T>,
    takes: (m: number, n: number) => boolean,
  ): T | undefined {
    let sum: T | undefined;
    for (let m = 0; m <= i; m++) {
      for (let n = 0; n <= j; n++) {
        if (!takes(m, n)) continue;
        const x = a[this.place(m, n) ?? -1];
        const y = b[this.place(i - m, j - n) ?? -1];
        if (x !== undefined && y !== undefined) sum = this.#sum(sum, this.#ring.mul(x, y));
      }
    }
    return sum;
  }
}

export function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}
