import { addTo, dot } from './vectors.ts';

interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
  /** 1 / step'change. */
  readonly rho: number;
}

/**
 * The limited-memory BFGS approximation of an inverse Hessian, from the last few steps and the
 * changes of the gradient along them: the two-loop recursion of J. Nocedal, "Updating
 * quasi-Newton matrices with limited storage", Math. Comp. 35 (1980) 773.
 */
export class InverseHessian {
  readonly #memory: number;
  readonly #pairs: Pair[] = [];

  constructor(memory: number) {
    this.#memory = memory;
  }

  get isEmpty(): boolean {
    return this.#pairs.length === 0;
  }

  clear(): void {
    this.#pairs.length = 0;
  }

  /** Learns from a step; one along which the gradient did not grow tells nothing and is left out. */
  update(step: Float64Array, change: Float64Array): void {
    const curvature = dot(step, change);
    if (!(curvature > Number.EPSILON * dot(change, change))) return;
    this.#pairs.push({ step, change, rho: 1 / curvature });
    if (this.#pairs.length > this.#memory) this.#pairs.shift();
  }

  /** The product with a vector. */
  times(vector: Float64Array): Float64Array {
    const coefficients: number[] = [];
    const r = Float64Array.from(vector);
    for (const { step, change, rho } of this.#pairs.toReversed()) {
      const coefficient = rho * dot(step, r);
      coefficients.push(coefficient);
      addTo(r, -coefficient, change);
    }
    const last = this.#pairs.at(-1);
    const scale = last ? 1 / (last.rho * dot(last.change, last.change)) : 1;
    for (let i = 0; i < r.length; i++) r[i] = (r[i] ?? 0) * scale;
    for (const { step, change, rho } of this.#pairs) {
      const coefficient = coefficients.pop() ?? 0;
      addTo(r, coefficient - rho * dot(change, r), step);
    }
    return r;
  }
}
