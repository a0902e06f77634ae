import { styleText } from 'node:util';
import type { Failure, Outcome } from './check.ts';

/** How often each verdict was given, by law. */
export type Counts = Record<string, Record<string, number>>;

/** Whole numbers as ranges in ascending order that do not touch: the first, and the first beyond. */
export type Ranges = readonly (readonly [from: number, to: number])[];

/** Programs that were checked with the same code and the same Node. */
export interface Sitting {
  /** Commit, and versions of Node and V8. */
  readonly version: string;
  /** The day of the last of them. */
  date: string;
  programs: number;
  /** Of one core. */
  seconds: number;
}

/**
 * What was found so far, in all sittings: a seed in `done` obeys the laws that it was held to. One
 * that breaks a law is in `failures` alone, until it is tried again and does not.
 */
export interface Tally {
  done: Ranges;
  readonly counts: Counts;
  failures: Failure[];
  readonly sittings: Sitting[];
}

export function newTally(): Tally {
  return { done: [], counts: {}, failures: [], sittings: [] };
}

/** The seeds of `[from, to)` that are still to be tried, or to be tried again. */
export function seedsLeft({ done }: Pick<Tally, 'done'>, from: number, to: number): Ranges {
  const left: (readonly [number, number])[] = [];
  let at = from;
  for (const [start, end] of done) {
    if (end <= at) continue;
    if (start >= to) break;
    if (start > at) left.push([at, start]);
    at = end;
  }
  if (at < to) left.push([at, to]);
  return left;
}

function withSeed(done: Ranges, seed: number): Ranges {
  const before = done.filter(([, end]) => end < seed);
  const after = done.filter(([start]) => start > seed + 1);
  const near = done.slice(before.length, done.length - after.length);
  const from = Math.min(seed, ...near.map(([start]) => start));
  const to = Math.max(seed + 1, ...near.map(([, end]) => end));
  return [...before, [from, to], ...after];
}

/** Adds what was found about the Program of a seed. */
export function addOutcome(tally: Tally, seed: number, { verdicts, failures }: Outcome): void {
  tally.failures = [...tally.failures.filter((failure) => failure.seed !== seed), ...failures];
  if (failures.length > 0) return;
  tally.done = withSeed(tally.done, seed);
  for (const [law, verdict] of Object.entries(verdicts)) {
    const counts = tally.counts[law] ?? {};
    tally.counts[law] = counts;
    counts[verdict] = (counts[verdict] ?? 0) + 1;
  }
}

/** Adds to what was done with a version, today. */
export function addWork(
  { sittings }: Tally,
  { version, programs, seconds }: Omit<Sitting, 'date'>,
): void {
  const date = new Date().toISOString().slice(0, 10);
  const known = sittings.find((each) => each.version === version);
  if (!known) {
    sittings.push({ version, date, programs, seconds });
    return;
  }
  known.date = date;
  known.programs += programs;
  known.seconds += seconds;
}

/** The largest share of checks that may say nothing. */
const mostUndecided = 0.1;

/** Laws of which too many checks said nothing. */
export function weakLaws(counts: Counts): string[] {
  return Object.entries(counts).flatMap(([law, { holds = 0, undecided = 0, ...rest }]) => {
    const unsaid = undecided + (rest['too large'] ?? 0);
    return unsaid > mostUndecided * (unsaid + holds) && unsaid > 10 ? [law] : [];
  });
}

const columns = ['holds', 'broken', 'undecided', 'too large', 'outside'] as const;

/** The tally as tables of Markdown: of the laws, and of the versions that they were tried on. */
export function formatTally({ done, counts, failures, sittings }: Tally, what: string): string {
  const text = (n: number): string => n.toLocaleString('en');
  const seeds = done.map(([from, to]) => `${text(from)} to ${text(to - 1)}`).join(', ');
  const obedient = done.reduce((sum, [from, to]) => sum + to - from, 0);
  const others = new Set(failures.map(({ seed }) => seed)).size;
  const laws = new Set([...Object.keys(counts), ...failures.map(({ law }) => law)]);
  const rows = [...laws].map((law) => {
    const broken = failures.filter((each) => each.law === law).length;
    const all: Record<string, number> = { ...counts[law], broken };
    return [law, ...columns.map((column) => text(all[column] ?? 0))];
  });
  const time = minutes(sittings.reduce((sum, { seconds }) => sum + seconds, 0));
  return [
    `${text(obedient + others)} ${what} in ${time} of one core. ${text(others)} break a law; the others are those of seeds ${seeds}.`,
    '',
    `| law | ${columns.join(' | ')} |`,
    `| --- |${columns.map(() => ' ---: |').join('')}`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    '',
    `| version | until | ${what} | time |`,
    '| --- | --- | ---: | ---: |',
    ...sittings.map(
      ({ version, date, programs, seconds }) =>
        `| ${version} | ${date} | ${text(programs)} | ${minutes(seconds)} |`,
    ),
  ].join('\n');
}

function minutes(seconds: number): string {
  return `${Math.round(seconds / 60).toLocaleString('en')} min`;
}

/** Failures of one kind each, for a terminal. */
export function formatFailures({ failures }: Pick<Tally, 'failures'>): string[] {
  const kinds = new Map<string, Failure[]>();
  for (const failure of failures) {
    const kind = `${failure.law}: ${failure.message.slice(0, 240)}`.replace(
      /-?\d+(\.\d+)?(e[-+]?\d+)?/g,
      '#',
    );
    kinds.set(kind, [...(kinds.get(kind) ?? []), failure]);
  }
  return [...kinds.values()].map((alike) => {
    const [first] = alike;
    const seeds = alike.slice(0, 5).map(({ seed }) => seed);
    return `${styleText('red', `${alike.length} x`)} ${first?.law}\n    ${first?.message}\n    seeds ${seeds.join(', ')}`;
  });
}
