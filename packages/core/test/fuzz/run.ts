// Holds random functions to the laws, as many as asked for:
//
//   npm run fuzz -- --seed 0 --count 100000
//
// A run that was interrupted goes on where it stopped. What breaks a law is shrunk and written to
// `kept/`, which the tests replay.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import process, { exit, stderr, stdout, versions } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { createProgress } from './progress.ts';
import {
  addOutcome,
  formatFailures,
  formatTally,
  newTally,
  type Tally,
  weakLaws,
} from './tally.ts';
import type { Chunk, Report, WorkerOptions } from './worker.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** Seeds that a worker gets at a time; the count is rounded up to a multiple. */
const chunkSize = 10;

/** Seconds after which a program that gives no answer is taken to hang. */
const patience = 180;

/** The table of `bench/FUZZ.md` is of runs of at least this many Programs. */
const worthATable = 1000;

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
  --all        every law on every function, not some of them
  --fresh      begin again instead of going on where a run with this seed stopped
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
const { mode } = values;
if (mode !== 'laws' && mode !== 'misuse') {
  stderr.write(`--mode is laws or misuse, not ${mode}\n`);
  exit(2);
}

const stateFile = join(root, '.fuzz', `${mode}${values.all ? '-all' : ''}-${seed}.json`);

function load(): Tally {
  if (values.fresh) return newTally(mode, seed);
  try {
    return JSON.parse(readFileSync(stateFile, 'utf8'));
  } catch {
    return newTally(mode, seed);
  }
}

function save(): void {
  mkdirSync(dirname(stateFile), { recursive: true });
  writeFileSync(stateFile, JSON.stringify(tally));
}

function versionNow(): string {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root }).toString();
  return `commit ${commit.trim()}, Node ${versions.node}, V8 ${versions.v8}`;
}

const tally = load();
const version = versionNow();

const total = Math.ceil(count / chunkSize);
const done = new Set(tally.chunks);
const waiting = Array.from({ length: total }, (_, i) => i).filter((i) => !done.has(i));
const progress = createProgress(stderr, mode, total * chunkSize);
let broken = tally.failures.length;
let finished = (total - waiting.length) * chunkSize;

/** A chunk that is not done; what it found counts when it is. */
interface RunningChunk extends Omit<Chunk, 'from'> {
  readonly number: number;
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
    const number = waiting.shift();
    if (number === undefined) {
      void this.stop();
      this.#ended();
      return;
    }
    const from = seed + number * chunkSize;
    this.#chunk = { number, next: from, to: from + chunkSize, reports: [], seconds: 0 };
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
    const workerData = {
      mode: mode === 'misuse' ? mode : 'laws',
      allLaws: values.all,
    } satisfies WorkerOptions;
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
    for (const each of chunk.reports) addOutcome(tally, each);
    tally.seconds += chunk.seconds;
    tally.chunks.push(chunk.number);
    save();
    this.take();
  }
}

function finish(complete: boolean): never {
  progress.stop();
  save();
  stdout.write(`${formatTally(tally)}\n`);
  for (const line of formatFailures(tally)) stdout.write(`${line}\n`);
  const weak = weakLaws(tally.counts);
  for (const law of weak) stdout.write(`too few checks were decided: ${law}\n`);
  if (complete && tally.programs >= worthATable) writeTable();
  if (!complete) stdout.write('stopped; the same command goes on from here\n');
  exit(tally.failures.length + weak.length > 0 ? 1 : complete ? 0 : 130);
}

/** Puts the tally in the place of that of the last run of this mode. */
function writeTable(): void {
  const file = join(root, 'bench', 'FUZZ.md');
  const title = { laws: '## Laws on random functions', misuse: '## Misuse of public functions' }[
    mode === 'misuse' ? mode : 'laws'
  ];
  let text = '# Random checks\n\nWritten by `npm run fuzz`; see `CONTRIBUTING.md`.\n';
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // The first table makes the file.
  }
  const sections = text.split(/^(?=## )/m).filter((section) => !section.startsWith(title));
  const all = [
    ...sections.map((section) => section.trimEnd()),
    `${title}\n\n${formatTally(tally)}`,
  ];
  writeFileSync(file, `${all.join('\n\n')}\n`);
}

if (waiting.length === 0) finish(true);
if (!tally.versions.includes(version)) tally.versions.push(version);
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
