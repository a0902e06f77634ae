import { basename } from 'node:path';
import type { Chosen } from './choice.ts';
import type { Group, MappedTest } from './messages.ts';
import { hashOf, read } from './sources.ts';
import type { Mapping } from './state.ts';

/** Seconds to start a process and load the core in it. */
const start = 1.2;

/** Seconds of tests of one file, and of all, that a mutant is held against. */
const mostOfFile = 5;
const mostOfAll = 20;

export interface Tests {
  /** The likeliest to fail for their time first. */
  readonly groups: readonly (Group & { readonly seconds: number })[];
  /** How many tests come by the mutant. */
  readonly covering: number;
  /** Changes with the tests. */
  readonly hash: string;
}

const plain = (text: string): string => text.toLowerCase().replace(/[^a-z]/g, '');

/** Tests that come by the block of a mutant. */
export function testsOf({ file, mutant }: Chosen, mapping: Mapping): Tests {
  const subject = plain(basename(file, '.ts'));
  const source = hashOf(read(file));
  const found = Object.entries(mapping).flatMap(([testFile, { tests, sources }]) => {
    // Where the file has changed since, its blocks may have other numbers.
    const anywhere = mutant.block < 0 || sources[file] !== source;
    const comeBy = tests.filter(({ hits }) =>
      anywhere ? hits[file] !== undefined : hits[file]?.includes(mutant.block),
    );
    if (comeBy.length === 0) return [];
    const related = plain(basename(testFile, '.test.ts'));
    const near = subject.includes(related) || related.includes(subject);
    const likely = ({ name }: MappedTest): boolean => near || plain(name).includes(subject);
    const sorted = comeBy.toSorted(
      (a, b) => Number(likely(b)) - Number(likely(a)) || a.milliseconds - b.milliseconds,
    );
    let seconds = 0;
    const chosen = sorted.filter(({ milliseconds }, i) => {
      if (i > 0 && seconds + milliseconds / 1000 > mostOfFile) return false;
      seconds += milliseconds / 1000;
      return true;
    });
    const cost = (start + seconds) / (chosen.some(likely) ? 8 : 1) / Math.sqrt(chosen.length);
    const names = chosen.map(({ name }) => name);
    return [{ file: testFile, names, seconds: start + seconds, cost, covering: comeBy.length }];
  });
  found.sort((a, b) => a.cost - b.cost);
  let all = 0;
  const groups = found.filter(({ seconds }, i) => {
    if (i > 0 && all + seconds > mostOfAll) return false;
    all += seconds;
    return true;
  });
  const covering = found.reduce((sum, each) => sum + each.covering, 0);
  const hash = hashOf(JSON.stringify(groups.map((each) => [mapping[each.file]?.hash, each.names])));
  return { groups, covering, hash };
}
