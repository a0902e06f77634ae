import { cpuUsage } from 'node:process';

/** One side of a comparison. */
export interface Side {
  readonly name: string;
  run(): void;
}

export interface Timing {
  readonly name: string;
  /** Milliseconds of processor time of one run: the least and the median over slices. */
  readonly least: number;
  readonly median: number;
}

/** Processor time of this process, in milliseconds: what other processes take does not count. */
function processorTime(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}

const sliceTime = 4;
const warmUpTime = 60;

/** Runs the sides in turns, a few milliseconds each, until each has had `time` milliseconds. */
export function measure(sides: readonly Side[], time: number): Timing[] {
  for (const { run } of sides) {
    const start = processorTime();
    for (let runs = 0; runs < 3 || processorTime() - start < warmUpTime; runs++) run();
  }
  const slices = sides.map((): number[] => []);
  const start = processorTime();
  while (processorTime() - start < time * sides.length || (slices[0]?.length ?? 0) < 3) {
    sides.forEach(({ run }, i) => {
      const from = processorTime();
      let now = from;
      let runs = 0;
      do {
        run();
        runs += 1;
        now = processorTime();
      } while (now - from < sliceTime);
      slices[i]?.push((now - from) / runs);
    });
  }
  return sides.map(({ name }, i) => {
    const sorted = [...(slices[i] ?? [])].sort((a, b) => a - b);
    return {
      name,
      least: sorted[0] ?? Number.NaN,
      median: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN,
    };
  });
}
