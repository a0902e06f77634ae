/** Bounds of a vector, the distances from them and what the logarithmic barrier makes of them. */
export class Barrier {
  readonly lower: Float64Array;
  readonly upper: Float64Array;

  /** Bounds are relaxed by a little, so that there is an inside where they, or constraints, leave none. */
  constructor(lower: Float64Array, upper: Float64Array) {
    const room = (bound: number, i: number): number =>
      (lower[i] === upper[i] ? 1e-8 : 1e-10) * Math.max(1, Math.abs(bound));
    this.lower = lower.map((bound, i) => bound - room(bound, i));
    this.upper = upper.map((bound, i) => bound + room(bound, i));
  }

  /** The point of the inside that is near. */
  inside(x: Float64Array): Float64Array {
    return x.map((value, i) => {
      const low = this.lower[i] ?? -Infinity;
      const high = this.upper[i] ?? Infinity;
      const room = 1e-2 * (high - low);
      const least = low + Math.min(1e-2 * Math.max(1, Math.abs(low)), room);
      const most = high - Math.min(1e-2 * Math.max(1, Math.abs(high)), room);
      return Math.min(
        Math.max(value, Number.isNaN(least) ? low : least),
        Number.isNaN(most) ? high : most,
      );
    });
  }

  /** Minus the sum of logarithms of distances. */
  value(x: Float64Array): number {
    const { lower, upper } = this;
    let sum = 0;
    for (let i = 0; i < x.length; i++) {
      const value = x[i] ?? 0;
      const low = lower[i] ?? -Infinity;
      const high = upper[i] ?? Infinity;
      if (low > -Infinity) sum -= Math.log(value - low);
      if (high < Infinity) sum -= Math.log(high - value);
    }
    return Number.isNaN(sum) ? Number.POSITIVE_INFINITY : sum;
  }

  /** The largest part of a step, at most 1, that leaves a share `1 - tau` of each distance. */
  longest(x: Float64Array, step: Float64Array, tau: number): number {
    const { lower, upper } = this;
    let part = 1;
    for (let i = 0; i < x.length; i++) {
      const value = x[i] ?? 0;
      const d = step[i] ?? 0;
      if (d < 0) part = Math.min(part, (-tau * (value - (lower[i] ?? -Infinity))) / d);
      if (d > 0) part = Math.min(part, (tau * ((upper[i] ?? Infinity) - value)) / d);
    }
    return part;
  }
}

/** The largest part of a step, at most 1, that leaves a share `1 - tau` of positive numbers. */
export function longestPositive(z: Float64Array, step: Float64Array, tau: number): number {
  let part = 1;
  for (let i = 0; i < z.length; i++) {
    const value = z[i] ?? 0;
    const d = step[i] ?? 0;
    if (d < 0 && value > 0) part = Math.min(part, (-tau * value) / d);
  }
  return part;
}
