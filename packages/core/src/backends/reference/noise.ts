/**
 * Reproducible random numbers for tests, not for users: a Weyl sequence through a 32-bit mixer.
 *
 * @see Steele, Lea and Flood, Fast splittable pseudorandom number generators (OOPSLA 2014).
 */
export class Noise {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** Uniform on [0, 1). */
  uniform(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let x = this.#state;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
  }

  /** Standard normal, by the method of Box and Muller. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A random sign times a magnitude on [1/2, 1). */
  kick(): number {
    const u = this.uniform();
    return u < 0.5 ? u - 1 : u;
  }
}
