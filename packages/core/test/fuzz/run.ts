// Holds random functions to the laws, as many as asked for:
//
//   npm run fuzz -- --seed 0 --count 100000
//
// What was found is added up in `bench/fuzz.json`, over all runs: one that was interrupted goes on
// where it stopped, on another machine and with other code too. What breaks a law is shrunk and
// written to `kept/`, which the tests replay; its seed is tried again by the next run.

import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import process, { exit, stderr, stdout, versions } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { createProgress } from './progress.ts';
import {
  addOutcome,
  addWork,
  formatFailures,
  formatTally,
  newTally,
  seedsLeft,
  type Tally,
  weakLaws,
} from './tally.ts';
import type { Chunk, Report, WorkerOptions } from './worker.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** Seeds that a worker gets at a time, at most. */
const chunkSize = 10;

/** Seconds after which a program that gives no answer is taken to hang. */
const patience = 180;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '0' },
    count: { type: 'string', default: '1000' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    mode: { type: 'string', default: 'laws' },
    all: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  stdout.write(`npm run fuzz -- [options]

  --seed A     the first seed, 0 unless given
  --count N    how many random functions, 1000 unless given
  --jobs J     workers, one for each core unless given
  --mode M     laws (of random functions) or misuse (of public functions)
  --all        every law on every function, not some of them; bench/fuzz.json is left alone
  --fresh      all these seeds, whether they are in bench/fuzz.json or not; it is left alone
`);
  exit(0);
}

function whole(name: 'seed' | 'count' | 'jobs', least: number): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= least) return value;
  stderr.write(`--${name} is a whole number >= ${least}, not ${values[name]}\n`);
  return exit(2);
}

const seed = whole('seed', 0);
const count = whole('count', 1);
const jobs = whole('jobs', 1);

const modes = {
  laws: { title: 'Laws on random functions', what: 'Programs' },
  misuse: { title: 'Misuse of public functions', what: 'calls' },
} as const;

type Mode = keyof typeof modes;

if (values.mode !== 'laws' && values.mode !== 'misuse') {
  stderr.write(`--mode is laws or misuse, not ${values.mode}\n`);
  exit(2);
}
const mode: Mode = values.mode;

/** Whether the tally of all runs says what there is left to do, and grows. */
const recorded = !values.fresh && !values.all;
const tallyFile = join(root, 'bench', 'fuzz.json');

function load(): Record<Mode, Tally> {
  const known: Record<Mode, Tally> = JSON.parse(readFileSync(tallyFile, 'utf8'));
  return known;
}

const tallies = load();
const tally = recorded ? tallies[mode] : newTally();

function save(): void {
  if (!recorded) return;
  // A file that is half written would lose all runs.
  writeFileSync(`${tallyFile}.new`, `${JSON.stringify(tallies, null, 2)}\n`);
  renameSync(`${tallyFile}.new`, tallyFile);
}

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: root }).toString().trim();
}

function versionNow(): string {
  const commit = git('rev-parse', '--short', 'HEAD');
  const changes = git('status', '--porcelain', '--', 'packages/core') === '' ? '' : ' with changes';
  return `commit ${commit}${changes}, Node ${versions.node}, V8 ${versions.v8}`;
}

const version = versionNow();

const waiting = seedsLeft(tally, seed, seed + count).flatMap(([from, to]) =>
  Array.from({ length: Math.ceil((to - from) / chunkSize) }, (_, i): Chunk => {
    const start = from + i * chunkSize;
    return { from: start, to: Math.min(start + chunkSize, to) };
  }),
);
const progress = createProgress(stderr, mode, count);
let finished = count - waiting.reduce((sum, { from, to }) => sum + to - from, 0);
let broken = 0;
/** Chunks that are under way or done. */
let taken = 0;

/** A chunk that is not done; what it found counts when it is. */
interface RunningChunk extends Omit<Chunk, 'from'> {
  next: number;
  readonly reports: Report[];
  seconds: number;
}

/** Runs chunks, one after the other, in a worker of its own. */
class Runner {
  #worker: Worker | undefined;
  #chunk: RunningChunk | undefined;
  #since = performance.now();
  readonly #ended: () => void;

  constructor(ended: () => void) {
    this.#ended = ended;
    this.take();
  }

  /** Begins the next chunk. */
  take(): void {
    const chunk = waiting[taken++];
    if (chunk === undefined) {
      void this.stop();
      this.#ended();
      return;
    }
    this.#chunk = { next: chunk.from, to: chunk.to, reports: [], seconds: 0 };
    this.#send();
  }

  /** Replaces a worker that hangs, and leaves out the seed that it hangs on. */
  async check(): Promise<void> {
    const chunk = this.#chunk;
    if (!chunk || performance.now() - this.#since < 1000 * patience) return;
    await this.stop();
    const law = 'every check ends';
    const message = `no answer in ${patience} seconds`;
    this.#took({
      seed: chunk.next,
      verdicts: { [law]: 'broken' },
      failures: [{ seed: chunk.next, law, message }],
      kept: [],
    });
    if (this.#chunk === chunk) this.#send();
  }

  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #send(): void {
    const chunk = this.#chunk;
    if (!chunk) return;
    this.#worker ??= this.#start();
    this.#since = performance.now();
    this.#worker.postMessage({ from: chunk.next, to: chunk.to } satisfies Chunk);
  }

  #start(): Worker {
    const workerData = { mode, allLaws: values.all } satisfies WorkerOptions;
    const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData });
    worker.on('message', (report: Report) => this.#took(report));
    worker.on('error', (error: Error) => {
      const at = this.#chunk?.next ?? seed;
      const law = 'no worker dies';
      this.#worker = undefined;
      this.#took({
        seed: at,
        verdicts: { [law]: 'broken' },
        failures: [{ seed: at, law, message: error.message }],
        kept: [],
      });
      this.#send();
    });
    return worker;
  }

  #took(report: Report): void {
    const chunk = this.#chunk;
    if (!chunk) return;
    chunk.reports.push(report);
    chunk.seconds += (performance.now() - this.#since) / 1000;
    this.#since = performance.now();
    for (const name of report.kept) progress.note(`kept ${name}`);
    chunk.next = report.seed + 1;
    finished += 1;
    broken += report.failures.length;
    progress.show(finished, broken);
    if (chunk.next < chunk.to) return;
    this.#chunk = undefined;
    for (const each of chunk.reports) addOutcome(tally, each.seed, each);
    const programs = chunk.reports.filter(({ failures }) => failures.length === 0).length;
    addWork(tally, { version, programs, seconds: chunk.seconds });
    save();
    this.take();
  }
}

function finish(complete: boolean): never {
  progress.stop();
  save();
  if (recorded) writeTables();
  stdout.write(`${formatTally(tally, modes[mode].what)}\n`);
  for (const line of formatFailures(tally)) stdout.write(`${line}\n`);
  const weak = weakLaws(tally.counts);
  for (const law of weak) stdout.write(`too few checks were decided: ${law}\n`);
  if (!complete)
    stdout.write(recorded ? 'stopped; the same command goes on from here\n' : 'stopped\n');
  exit(tally.failures.length + weak.length > 0 ? 1 : complete ? 0 : 130);
}

/** Writes `bench/FUZZ.md`: the tally for a reader. */
function writeTables(): void {
  const sections = (['laws', 'misuse'] as const).map(
    (each) => `## ${modes[each].title}\n\n${formatTally(tallies[each], modes[each].what)}\n`,
  );
  const head =
    '# Random checks\n\nWritten by `npm run fuzz`, which adds up in `fuzz.json`; see `CONTRIBUTING.md`.\n';
  writeFileSync(join(root, 'bench', 'FUZZ.md'), [head, ...sections].join('\n'));
}

if (waiting.length === 0) {
  stdout.write('nothing left to do: these seeds are in bench/fuzz.json; --fresh takes them anew\n');
  finish(true);
}
let running = Math.min(jobs, waiting.length);
const runners = Array.from(
  { length: running },
  () =>
    new Runner(() => {
      running -= 1;
      if (running === 0) finish(true);
    }),
);
setInterval(() => {
  for (const runner of runners) void runner.check();
}, 5000).unref();
process.on('SIGINT', () => {
  void Promise.all(runners.map((runner) => runner.stop())).then(() => finish(false));
});
