import { at } from './at.ts';
import { dot } from './vectors.ts';

/** What an update of densities needs. */
export interface OptimalityOptions {
  /** Derivative of the objective in each density. */
  readonly slopes: Float64Array;
  /** Derivative of the volume in each density. */
  readonly volumes: Float64Array;
  readonly move: number;
  /** Elements that keep their density. */
  readonly passive: Uint8Array;
  /** The volume that is allowed. */
  readonly most: number;
}

/**
 * Densities x sqrt(-dc / (lambda dv)), within move limits and [0, 1], where the multiplier lambda of the
 * volume is found by bisection of [0, 1e9] (of more where that is needed) down to a relative width of 1e-3.
 *
 * @see M. P. Bendsoe and O. Sigmund, "Topology Optimization" (2004), section 1.2.
 */
export function optimalityUpdate(
  densities: Float64Array,
  { slopes, volumes, move, passive, most }: OptimalityOptions,
): Float64Array {
  const updateWith = (multiplier: number): Float64Array =>
    densities.map((x, e) => {
      if (passive[e]) return x;
      const factor = Math.sqrt(Math.max(0, -at(slopes, e) / at(volumes, e) / multiplier));
      return Math.max(0, x - move, Math.min(1, x + move, x * factor));
    });
  let [low, high] = [0, 1e9];
  // Large loads may need more; where no multiplier is enough, move limits keep volume for now.
  for (let k = 0; k < 64 && dot(volumes, updateWith(high)) > most; k++) high *= 1e3;
  let updated = densities;
  while ((high - low) / (low + high) > 1e-3) {
    const middle = (low + high) / 2;
    updated = updateWith(middle);
    if (dot(volumes, updated) > most) low = middle;
    else high = middle;
  }
  return updated;
}
