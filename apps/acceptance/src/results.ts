import { existsSync, readFileSync } from 'node:fs';
import { difference, type Row, verdict } from '@grad/tour';
import writeFileAtomic from 'write-file-atomic';
import type { Line } from './line.ts';

/** How measuring a line ended. */
export interface Result {
  /** `area/name`. */
  readonly line: string;
  /** State of the code that it was measured with. */
  readonly version: string;
  readonly seconds: number;
  readonly rows: readonly Row[];
  /** The error that ended it. */
  readonly error?: string;
}

/** What is known so far: results by line, and parts of lines that were interrupted. */
export interface Results {
  readonly lines: Readonly<Record<string, Result>>;
  readonly parts: Readonly<Record<string, { version: string; value: readonly number[] }>>;
}

export type LineVerdict = 'met' | 'missed' | 'failed' | 'elsewhere' | 'not there yet' | 'not run';

/** A line is met when each of its rows that has a reference meets it, and there is one. */
export function lineVerdict(line: Line, result: Result | undefined): LineVerdict {
  if (line.run === undefined) return line.elsewhere === undefined ? 'not there yet' : 'elsewhere';
  if (result === undefined) return 'not run';
  if (result.error !== undefined) return 'failed';
  const verdicts = result.rows.map(verdict).filter((each) => each !== 'none');
  return verdicts.length > 0 && verdicts.every((each) => each === 'met') ? 'met' : 'missed';
}

/** By how much a row misses its reference, in words. */
export function shortfall(row: Row): string {
  const { reference, result } = row;
  if (reference === undefined) return '';
  if (Number.isNaN(result)) return 'is not a number';
  if (reference.kind === 'atMost') return `${number(result - reference.limit)} too much`;
  if (reference.kind === 'atLeast') return `${number(reference.limit - result)} too little`;
  return `off by ${number(difference(row) ?? Number.NaN)}, ${number(reference.tolerance)} allowed`;
}

const number = (x: number): string => Number(x.toPrecision(3)).toString();

/** JSON has no NaN and no infinities: they are written as strings. */
export function readResults(path: string): Results {
  if (!existsSync(path)) return { lines: {}, parts: {} };
  return JSON.parse(readFileSync(path, 'utf8'), (_, value) =>
    value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : value,
  );
}

export async function writeResults(path: string, results: Results): Promise<void> {
  const text = JSON.stringify(
    results,
    (_, value) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value),
    2,
  );
  await writeFileAtomic(path, `${text}\n`);
}
