import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { MappedTest } from './messages.ts';

/** Where all is kept that another run can use, with a slash at its end. */
export const folder = fileURLToPath(new URL('../../../../.mutation/', import.meta.url));

/** What the tests of a file come by. */
export interface MappedFile {
  readonly hash: string;
  /** The sources as they were then. */
  readonly sources: Readonly<Record<string, string>>;
  readonly tests: readonly MappedTest[];
}

export type Verdict = 'refused' | 'killed' | 'hangs' | 'survived' | 'no test';

export interface Result {
  readonly file: string;
  readonly line: number;
  readonly kind: string;
  /** The line as it is and as the mutant has it. */
  readonly before: string;
  readonly after: string;
  /** Hash of the source. */
  readonly source: string;
  /** Hash of the tests that were tried. */
  readonly tests: string;
  readonly verdict: Verdict;
  readonly by?: string;
  readonly tried: number;
  readonly covering: number;
}

export type Mapping = Record<string, MappedFile>;
export type Results = Record<string, Result>;

export function load<T extends object>(name: string, otherwise: T): T {
  try {
    return JSON.parse(readFileSync(`${folder}${name}`, 'utf8'));
  } catch {
    return otherwise;
  }
}

export function save(name: string, value: object): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}${name}.new`, JSON.stringify(value));
  renameSync(`${folder}${name}.new`, `${folder}${name}`);
}
