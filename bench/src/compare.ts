import type { Sample } from './process.ts';

/**
 * How the results of two sides differ, in words; null when they agree. Elements are compared relative
 * to themselves and to the size of a typical element, since cancellation spoils the small ones.
 */
export function compare(a: Sample, b: Sample, tolerance: number): string | null {
  if (b.size === 0) return null;
  if (a.size !== b.size) return `${b.size} numbers where ours are ${a.size}`;
  const typical = a.norm / Math.sqrt(Math.max(1, a.size));
  for (const [i, x] of a.values.entries()) {
    const y = b.values[i] ?? Number.NaN;
    const error = Math.abs(x - y) / Math.max(Math.abs(x), typical, Number.MIN_VALUE);
    if (!(error <= tolerance)) return `${y} where ours is ${x} (sample ${i})`;
  }
  return null;
}
