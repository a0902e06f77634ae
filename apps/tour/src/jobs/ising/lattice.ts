/** Coupled pairs of spins. */
export interface Spins {
  /** What the figures and the subject call it. */
  readonly name: string;
  readonly count: number;
  readonly pairs: readonly Pair[];
}

/** Two spins by number, and the strength with which they are coupled. */
export interface Pair {
  readonly from: number;
  readonly to: number;
  readonly coupling: number;
}

/** A square lattice that is closed at its edges, each spin coupled to four neighbors by 1. */
export function squareLattice(size: number): Spins {
  const count = size * size;
  const pairs = Array.from({ length: count }, (_, i) => [
    { from: i, to: i - (i % size) + ((i + 1) % size), coupling: 1 },
    { from: i, to: (i + size) % count, coupling: 1 },
  ]).flat();
  return { name: `square lattice of ${size} by ${size} spins`, count, pairs };
}

/** The largest sum of couplings, by size, of one spin: the scale of temperatures. */
export function couplingScale({ count, pairs }: Spins): number {
  const sums = new Float64Array(count);
  for (const { from, to, coupling } of pairs) {
    for (const i of [from, to]) sums[i] = (sums[i] ?? 0) + Math.abs(coupling);
  }
  return Math.max(...sums);
}
