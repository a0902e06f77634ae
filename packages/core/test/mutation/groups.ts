import { basename } from 'node:path';
import type { Chosen } from './choice.ts';
import type { Group, MappedTest } from './messages.ts';
import { hashOf, read } from './sources.ts';
import type { Mapping } from './state.ts';

/** Seconds of tests of one file, and of all, that a mutant is held against at once. */
interface Limits {
  readonly ofFile: number;
  readonly ofAll: number;
}

/** For tests that are named after the file of the mutant, and for others. */
const usual = { named: { ofFile: 3, ofAll: 6 }, others: { ofFile: 4, ofAll: 12 } };
const none: Limits = { ofFile: Number.POSITIVE_INFINITY, ofAll: Number.POSITIVE_INFINITY };

export interface TimedGroup extends Group {
  readonly milliseconds: number;
  /** Of the test that takes longest. */
  readonly longest: number;
}

export interface Tests {
  /** What is run at once: what is named after the file of the mutant, which mostly says all, and others. */
  readonly rounds: readonly (readonly TimedGroup[])[];
  /** How many tests come by the mutant. */
  readonly covering: number;
  /** Changes with these. */
  readonly hash: string;
}

const plain = (text: string): string => text.toLowerCase().replace(/[^a-z]/g, '');

/** As many tests of a file as there is time for, the shortest first. */
function groupOf(file: string, tests: readonly MappedTest[], { ofFile }: Limits): TimedGroup[] {
  let sum = 0;
  const chosen = tests
    .toSorted((a, b) => a.milliseconds - b.milliseconds)
    .filter(({ milliseconds }, i) => {
      if (i > 0 && sum + milliseconds > 1000 * ofFile) return false;
      sum += milliseconds;
      return true;
    });
  const names = chosen.map(({ name }) => name);
  const longest = chosen.at(-1)?.milliseconds ?? 0;
  return names.length > 0 ? [{ file, names, milliseconds: sum, longest }] : [];
}

/** As many files as there is time for, those with many tests in short time first. */
function roundOf(groups: readonly TimedGroup[], { ofAll }: Limits): readonly TimedGroup[] {
  const cost = ({ milliseconds, names }: TimedGroup): number =>
    milliseconds / Math.sqrt(names.length);
  let sum = 0;
  return groups
    .toSorted((a, b) => cost(a) - cost(b))
    .filter(({ milliseconds }, i) => {
      if (i > 0 && sum + milliseconds > 1000 * ofAll) return false;
      sum += milliseconds;
      return true;
    });
}

/** Tests that come by the block of a mutant, all of them or those that are likely to see it. */
export function testsOf({ file, mutant }: Chosen, mapping: Mapping, all: boolean): Tests {
  const subject = plain(basename(file, '.ts'));
  const source = hashOf(read(file));
  const found = Object.entries(mapping).map(([testFile, { hash, tests, sources }]) => {
    // Where the file has changed since, its blocks may have other numbers.
    const anywhere = mutant.block < 0 || sources[file] !== source;
    const comeBy = tests.filter(({ hits }) =>
      anywhere ? hits[file] !== undefined : hits[file]?.includes(mutant.block),
    );
    const related = plain(basename(testFile, '.test.ts'));
    const near = subject.includes(related) || related.includes(subject);
    const isNamed = ({ name }: MappedTest): boolean => near || plain(name).includes(subject);
    return { file: testFile, hash, comeBy, named: comeBy.filter(isNamed) };
  });
  const limits = all ? { named: none, others: none } : usual;
  const named = found.flatMap((each) => groupOf(each.file, each.named, limits.named));
  const others = found.flatMap(({ file: testFile, comeBy, named }) =>
    groupOf(
      testFile,
      comeBy.filter((test) => !named.includes(test)),
      limits.others,
    ),
  );
  const rounds = [roundOf(named, limits.named), roundOf(others, limits.others)];
  const covering = found.reduce((count, { comeBy }) => count + comeBy.length, 0);
  const names = found.map(
    ({ hash, comeBy }) => comeBy.length > 0 && [hash, comeBy.map(({ name }) => name)],
  );
  return {
    rounds: rounds.filter(({ length }) => length > 0),
    covering,
    hash: hashOf(JSON.stringify(names)),
  };
}
