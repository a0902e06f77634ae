// Changes the sources one place at a time and sees whether a test fails:
//
//   npm run mutate -- --minutes 60
//
// A run goes on where the last one with its seed stopped. What has changed since, sources or tests,
// is tried again. `bench/MUTATION.md` says what came of it.

import process, { exit, stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { createProgress } from '../fuzz/progress.ts';
import { type Chosen, chosenMutants } from './choice.ts';
import { eachOnHosts } from './each.ts';
import { type Tests, type TimedGroup, testsOf } from './groups.ts';
import { Host } from './host.ts';
import { mapTests } from './map.ts';
import { mutated } from './mutants.ts';
import { refusedOf } from './refused.ts';
import { writeReport } from './report.ts';
import { sightingOf } from './sighting.ts';
import { hashOf, read } from './sources.ts';
import { load, type Result, type Results, save } from './state.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    mapping: { type: 'string' },
    seed: { type: 'string', default: '0' },
    count: { type: 'string', default: '600' },
    only: { type: 'string', default: '' },
    survivors: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  stdout.write(`npm run mutate -- [options]

  --minutes M   when to stop, 60 unless given; the same command goes on from there
  --mapping M   minutes of these to see which tests come by which code, a quarter unless given
  --seed A      which mutants, 0 unless given
  --count N     how many of them, 600 unless given
  --only TEXT   those of files whose path contains it, all of them
  --jobs N      how many at a time, 1 unless given
  --survivors   only those that survived, on all tests that come by, however long
`);
  exit(0);
}

function whole(name: 'minutes' | 'mapping' | 'seed' | 'count' | 'jobs', least: number): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= least) return value;
  stderr.write(`--${name} is a whole number >= ${least}, not ${values[name]}\n`);
  return exit(2);
}

const minutes = whole('minutes', 1);
const seed = whole('seed', 0);
const count = whole('count', 1);
const jobs = whole('jobs', 1);
const end = performance.now() + minutes * 60_000;
let stopped = false;
const isOver = (): boolean => stopped || performance.now() > end;
const started: Host[] = [];
for (const event of ['SIGINT', 'exit'])
  process.on(event, () => {
    stopped = true;
    for (const host of started) host.close();
  });

function hosts(mode: 'map' | 'try'): Host[] {
  const more = Array.from({ length: jobs }, () => new Host(mode));
  started.push(...more);
  return more;
}

const stateFile = `results-${seed}.json`;
const results = load<Results>(stateFile, {});
// Tests that are not mapped in time are not asked for.
const mappingEnd =
  performance.now() + 60_000 * (values.mapping === undefined ? minutes / 4 : whole('mapping', 0));
const mapping = await mapTests(
  hosts('map'),
  () => stopped || performance.now() > mappingEnd,
  (line) => stderr.write(`${line}\n`),
);

/** Whether a result is still that of the sources and tests as they are. */
function isKnown(chosen: Chosen, tests: Tests): boolean {
  const known = results[chosen.id];
  if (known?.source !== hashOf(read(chosen.file))) return false;
  if (!hasSurvived(known)) return true;
  return known.tests === tests.hash && (!values.survivors || known.tried === tests.covering);
}

function hasSurvived(result: Result | undefined): boolean {
  return result?.verdict === 'survived' || result?.verdict === 'no test';
}

/** How many mutants of a file the tests of another saw. */
const seen = new Map<string, number>();

function keep(id: string, result: Result): void {
  results[id] = result;
  save(stateFile, results);
  countSeen(result);
}

function countSeen({ file, by }: Result): void {
  if (!by) return;
  const key = `${file} ${by.split(':')[0]}`;
  seen.set(key, (seen.get(key) ?? 0) + 1);
}

Object.values(results).forEach(countSeen);

/** What is known of a mutant before it is tried. */
function describe({ file, mutant }: Chosen): Omit<Result, 'verdict'> {
  const text = read(file);
  const line = text.slice(0, mutant.start).split('\n').length;
  const lineOf = (source: string): string => source.split('\n')[line - 1]?.trim() ?? '';
  return {
    ...{ file, line, kind: mutant.kind, source: hashOf(text) },
    ...{ before: lineOf(text), after: lineOf(mutated(text, mutant)) },
    ...{ tests: '', covering: 0, tried: 0 },
  };
}

/** Keeps which mutants are refused, of those of which nothing is known. */
function refuse(part: readonly Chosen[]): void {
  const unknown = part.filter(({ id, file }) => results[id]?.source !== hashOf(read(file)));
  for (const each of refusedOf(unknown)) keep(each.id, { ...describe(each), verdict: 'refused' });
}

async function tryMutant(chosen: Chosen, tests: Tests, host: Host): Promise<Result> {
  const { file } = chosen;
  const text = mutated(read(file), chosen.mutant);
  const about = { ...describe(chosen), tests: tests.hash, covering: tests.covering };
  const sightings = (group: TimedGroup): number => seen.get(`${file} ${group.file}`) ?? 0;
  let tried = 0;
  for (const round of tests.rounds) {
    const groups = round.toSorted((a, b) => sightings(b) - sightings(a));
    const found = await sightingOf(host, file, text, groups);
    tried += groups.reduce((sum, { names }) => sum + names.length, 0);
    if (found === 'hangs') return { ...about, verdict: 'hangs', tried };
    if (found) return { ...about, verdict: 'killed', by: found, tried };
  }
  return { ...about, verdict: tried > 0 ? 'survived' : 'no test', tried };
}

const all = chosenMutants(seed);
const named = values.only
  ? all.filter(({ file }) => file.includes(values.only))
  : all.slice(0, count);
const chosen = values.survivors ? named.filter(({ id }) => hasSurvived(results[id])) : named;
/** Mutants that the type checker sees at a time. */
const batch = 500;
for (let i = 0; i < chosen.length && !isOver(); i += batch) refuse(chosen.slice(i, i + batch));
const progress = createProgress(stderr, 'mutants', chosen.length);
let [done, survivors] = [0, 0];
const complete = await eachOnHosts(chosen, hosts('try'), isOver, async (each, host) => {
  const tests = testsOf(each, mapping, values.survivors);
  if (!isKnown(each, tests)) {
    const result = await tryMutant(each, tests, host);
    // What an interrupted worker did not answer is not known.
    if (stopped) return;
    keep(each.id, result);
    if (hasSurvived(result))
      progress.note(
        `${result.verdict} ${result.file}:${result.line} ${result.before} → ${result.after}`,
      );
  }
  if (hasSurvived(results[each.id])) survivors += 1;
  progress.show(++done, survivors);
});
progress.stop();
// Those beyond, of which it is only known that they are refused, are left out.
const reached = complete || values.survivors ? named : named.slice(0, done);
const known = reached.flatMap(({ id }) => results[id] ?? []);
stdout.write(writeReport({ seed, all: all.length, results: known, write: values.only === '' }));
if (!complete) stdout.write('stopped; the same command goes on from here\n');
exit(0);
