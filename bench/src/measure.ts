import type { Clock, PeerProcess } from './process.ts';

export interface Timing {
  readonly name: string;
  /** Milliseconds of one run: the median over slices, and the quartiles around it. */
  readonly median: number;
  readonly quartiles: readonly [number, number];
  readonly slices: number;
}

export interface TimingOptions {
  /** Milliseconds for each side. */
  readonly time: number;
  readonly clock: Clock;
}

const sliceTime = 8;
const warmUpTime = 150;
const fewest = 3;

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

/** Runs the sides in turns, a few milliseconds each: what slows the machine slows them alike. */
export async function measure(
  sides: readonly PeerProcess[],
  { time, clock }: TimingOptions,
): Promise<Timing[]> {
  const slices = sides.map((): number[] => []);
  const spent = sides.map(() => 0);
  const turn = async (i: number, length: number): Promise<{ each: number; all: number }> => {
    const reply = await sides[i]?.ask({ slice: length, clock });
    const [runs, all] = [reply?.runs ?? 0, reply?.milliseconds ?? 0];
    if (runs === 0) throw new Error(`${sides[i]?.name}: ${reply?.error ?? 'it did not run'}`);
    return { each: all / runs, all };
  };
  for (const i of sides.keys()) await turn(i, warmUpTime);
  const isDone = (i: number): boolean => {
    const [count, all] = [slices[i]?.length ?? 0, spent[i] ?? 0];
    // What takes seconds is measured once.
    return (count >= fewest && all >= time) || (count > 0 && all > 10 * time);
  };
  while (!sides.every((_, i) => isDone(i))) {
    for (const i of sides.keys()) {
      if (isDone(i) && (spent[i] ?? 0) > 3 * time) continue;
      const { each, all } = await turn(i, sliceTime);
      slices[i]?.push(each);
      spent[i] = (spent[i] ?? 0) + all;
    }
  }
  return sides.map(({ name }, i) => {
    const sorted = (slices[i] ?? []).sort((a, b) => a - b);
    return {
      name,
      median: quantile(sorted, 0.5),
      quartiles: [quantile(sorted, 0.25), quantile(sorted, 0.75)],
      slices: sorted.length,
    };
  });
}
