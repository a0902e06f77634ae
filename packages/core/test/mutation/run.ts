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
import { type Tests, testsOf } from './groups.ts';
import { Host } from './host.ts';
import { mapTests } from './map.ts';
import { mutated } from './mutants.ts';
import { writeReport } from './report.ts';
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
  --survivors   only those that survived, with the tests as they are now
`);
  exit(0);
}

function whole(name: 'minutes' | 'mapping' | 'seed' | 'count', least: number): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= least) return value;
  stderr.write(`--${name} is a whole number >= ${least}, not ${values[name]}\n`);
  return exit(2);
}

const minutes = whole('minutes', 1);
const seed = whole('seed', 0);
const count = whole('count', 1);
const end = performance.now() + minutes * 60_000;
let stopped = false;
const isOver = (): boolean => stopped || performance.now() > end;

const stateFile = `results-${seed}.json`;
const results = load<Results>(stateFile, {});
// Tests that are not mapped in time are not asked for.
const mappingEnd =
  performance.now() + 60_000 * (values.mapping === undefined ? minutes / 4 : whole('mapping', 0));
const mapping = await mapTests(
  () => stopped || performance.now() > mappingEnd,
  (line) => stderr.write(`${line}\n`),
);
const host = new Host('try');
process.on('SIGINT', () => {
  stopped = true;
  host.stop();
});

/** Whether a result is still that of the sources and tests as they are. */
function isKnown(chosen: Chosen, tests: Tests): boolean {
  const known = results[chosen.id];
  if (known?.source !== hashOf(read(chosen.file))) return false;
  return known.verdict === 'killed' || known.verdict === 'hangs' || known.tests === tests.hash;
}

/** Tests that pass alone, when nothing is changed. */
const sound = new Map<string, boolean>();

async function isSound(file: string, test: string): Promise<boolean> {
  const key = `${file} ${test}`;
  const known = sound.get(key);
  if (known !== undefined) return known;
  const source = chosen[0]?.file ?? '';
  const request = { type: 'try', file: source, text: read(source) } as const;
  const reply = await host.ask({ ...request, group: { file, names: [test] } }, 120_000);
  const passes = reply !== undefined && reply.failed === undefined;
  sound.set(key, passes);
  return passes;
}

async function tryMutant({ file, mutant }: Chosen, tests: Tests): Promise<Result> {
  const text = read(file);
  const changed = mutated(text, mutant);
  const line = text.slice(0, mutant.start).split('\n').length;
  const lineOf = (source: string): string => source.split('\n')[line - 1]?.trim() ?? '';
  const { kind } = mutant;
  const about = {
    ...{ file, line, kind, before: lineOf(text), after: lineOf(changed) },
    ...{ source: hashOf(text), tests: tests.hash, covering: tests.covering },
  };
  let tried = 0;
  for (const group of tests.groups) {
    const patience = 1000 * (20 + 6 * group.seconds);
    const reply = await host.ask({ type: 'try', file, text: changed, group }, patience);
    if (!reply) return { ...about, verdict: 'hangs', by: group.file, tried };
    tried += group.names.length;
    const { failed } = reply;
    if (failed === undefined) continue;
    const test = group.names.find((name) => failed.startsWith(`${name}:`));
    if (test === undefined || (await isSound(group.file, test)))
      return { ...about, verdict: 'killed', by: `${group.file}: ${failed}`, tried };
  }
  return { ...about, verdict: tried > 0 ? 'survived' : 'no test', tried };
}

const all = chosenMutants(seed);
const named = values.only
  ? all.filter(({ file }) => file.includes(values.only))
  : all.slice(0, count);
const chosen = values.survivors
  ? named.filter(({ id }) => /^(survived|no test)$/.test(results[id]?.verdict ?? ''))
  : named;
const progress = createProgress(stderr, 'mutants', chosen.length);
let survivors = 0;
let complete = true;
for (const [i, each] of chosen.entries()) {
  if (isOver()) {
    complete = false;
    break;
  }
  const tests = testsOf(each, mapping);
  if (!isKnown(each, tests)) {
    const result = await tryMutant(each, tests);
    // What an interrupted worker did not answer is not known.
    if (stopped) break;
    results[each.id] = result;
    save(stateFile, results);
    if (result.verdict === 'survived' || result.verdict === 'no test')
      progress.note(
        `${result.verdict} ${result.file}:${result.line} ${result.before} → ${result.after}`,
      );
  }
  if (/^(survived|no test)$/.test(results[each.id]?.verdict ?? '')) survivors += 1;
  progress.show(i + 1, survivors);
}
progress.stop();
host.stop();
const known = named.flatMap(({ id }) => results[id] ?? []);
stdout.write(writeReport({ seed, all: all.length, results: known, write: values.only === '' }));
if (!complete) stdout.write('stopped; the same command goes on from here\n');
exit(0);
