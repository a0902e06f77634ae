import { styleText } from 'node:util';
import type { Failure, Outcome } from './check.ts';

/** How often each verdict was given, by law. */
export type Counts = Record<string, Record<string, number>>;

/** What a run has found so far; kept in a file, so that a run can go on where it stopped. */
export interface Tally {
  readonly mode: string;
  readonly seed: number;
  /** Numbers of the chunks of seeds that are done. */
  readonly chunks: number[];
  programs: number;
  seconds: number;
  readonly counts: Counts;
  readonly failures: Failure[];
  /** Commits and versions of Node that it ran with. */
  readonly versions: string[];
  date: string;
}

export function newTally(mode: string, seed: number): Tally {
  const date = new Date().toISOString().slice(0, 10);
  return {
    mode,
    seed,
    chunks: [],
    programs: 0,
    seconds: 0,
    counts: {},
    failures: [],
    versions: [],
    date,
  };
}

/** Adds what was found about one program. */
export function addOutcome(tally: Tally, { verdicts, failures }: Outcome): void {
  tally.programs += 1;
  for (const [law, verdict] of Object.entries(verdicts)) {
    const counts = tally.counts[law] ?? {};
    tally.counts[law] = counts;
    counts[verdict] = (counts[verdict] ?? 0) + 1;
  }
  tally.failures.push(...failures);
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

/** The tally as a table of Markdown. */
export function formatTally(tally: Tally): string {
  const rows = Object.entries(tally.counts).map(([law, counts]) => [
    law,
    ...columns.map((column) => (counts[column] ?? 0).toLocaleString('en')),
  ]);
  return [
    `${tally.programs.toLocaleString('en')} ${tally.mode === 'misuse' ? 'calls' : 'Programs'} from seed ${tally.seed} on, ${tally.date}, in ${Math.round(tally.seconds / 60)} minutes of one core; ${tally.versions.join('; ')}.`,
    '',
    `| law | ${columns.join(' | ')} |`,
    `| --- |${columns.map(() => ' ---: |').join('')}`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');
}

/** Failures of one kind each, for a terminal. */
export function formatFailures(tally: Tally): string[] {
  const kinds = new Map<string, Failure[]>();
  for (const failure of tally.failures) {
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
