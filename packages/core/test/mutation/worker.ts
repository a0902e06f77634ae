// A process that runs tests for `run.ts`, which ends it when a mutant makes it hang.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import {
  BaseSequencer,
  createVitest,
  type TestCase,
  type TestModule,
  type TestSpecification,
  type Vitest,
} from 'vitest/node';
import type { Failure, Group, MappedTest, Reply, Request, SignOfLife } from './messages.ts';
import { blocksOf, instrumented } from './mutants.ts';
import { root, sources } from './sources.ts';

const mapping = process.argv.includes('map');

/** The file that is changed now. */
let mutant: { readonly file: string; readonly text: string } | undefined;

/** The files of tests of this run; what a run gives has those before it as well. */
let ended: TestModule[] = [];

function addEnded(module: TestModule): void {
  ended.push(module);
}

function send(message: Reply | SignOfLife): void {
  process.send?.(message);
}

function sayTested(test: TestCase): void {
  if (test.result().state !== 'skipped') send({ type: 'tested' });
}

/** Files as they are asked for. */
class InOrder extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(files);
  }
}

/** For each file, the number of its first block among those of all files. */
const firsts = new Map<string, number>();
let blockCount = 0;
if (mapping) {
  for (const file of sources) {
    firsts.set(file, blockCount);
    blockCount += blocksOf(readFileSync(join(root, file), 'utf8')).length;
  }
}

function changed(id: string): string | undefined {
  const file = id.startsWith(root) ? id.slice(root.length) : id;
  if (mutant?.file === file) return mutant.text;
  const first = firsts.get(file);
  return first === undefined ? undefined : instrumented(readFileSync(id, 'utf8'), first);
}

function byFile(hits: readonly number[]): Record<string, number[]> {
  const result: Record<string, number[]> = {};
  let next = 0;
  const starts = [...firsts];
  for (const [i, [file, first]] of starts.entries()) {
    const end = starts[i + 1]?.[1] ?? blockCount;
    for (let hit = hits[next]; hit !== undefined && hit < end; hit = hits[next]) {
      const found = result[file] ?? [];
      found.push(hit - first);
      result[file] = found;
      next += 1;
    }
  }
  return result;
}

function testsOf(module: TestModule): MappedTest[] {
  const tests = [...module.children.allTests('passed')];
  const loads = tests.flatMap((test) => test.meta().loads ?? []);
  return tests.map((test) => {
    const hits = [...new Set([...loads, ...(test.meta().hits ?? [])])].sort((a, b) => a - b);
    const milliseconds = Math.round(test.diagnostic()?.duration ?? 0);
    return { name: test.fullName, milliseconds, hits: byFile(hits) };
  });
}

function failureOf(module: TestModule): Failure | undefined {
  const file = module.relativeModuleId;
  const [test] = module.children.allTests('failed');
  const [error] = test ? (test.result().errors ?? []) : module.errors();
  if (!test && !error) return undefined;
  return { file, test: test?.fullName, message: error?.message.split('\n')[0] ?? '' };
}

async function run(vitest: Vitest, groups: readonly (Partial<Group> & { file: string })[]) {
  const [project] = vitest.projects;
  if (!project) throw new Error('no project');
  ended = [];
  await vitest.runTestSpecifications(
    groups.map(({ file, names }) =>
      project.createSpecification(join(root, file), names ? { testNames: [...names] } : {}),
    ),
  );
  const failure = ended.map(failureOf).find((found) => found !== undefined);
  return { modules: ended, failure };
}

async function answer(vitest: Vitest, request: Request): Promise<Reply> {
  if (request.type === 'map') {
    const { modules, failure } = await run(vitest, [request]);
    return { type: 'reply', tests: modules.flatMap(testsOf), failure };
  }
  const { file, text, groups } = request;
  if (mutant) vitest.invalidateFile(join(root, mutant.file));
  mutant = { file, text };
  vitest.invalidateFile(join(root, file));
  const { modules, failure } = await run(vitest, groups);
  const passed = new Set(
    modules.flatMap((module) => Array.from(module.children.allTests('passed'), (t) => t.fullName)),
  );
  const missing = groups.flatMap(({ names }) => names).find((name) => !passed.has(name));
  if (!failure && missing !== undefined) throw new Error(`${missing} did not run`);
  return { type: 'reply', tests: [], failure };
}

const vitest = await createVitest(
  'test',
  {
    root,
    config: false,
    watch: false,
    // Other runs would take changed sources from it.
    fsModuleCache: false,
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
    bail: mapping ? 0 : 1,
    // What a mutant is held against shares one process, and one evaluation of the sources.
    isolate: mapping,
    sequence: { sequencer: InOrder },
    testTimeout: 60_000,
    reporters: [{ onTestModuleEnd: addEnded, onTestCaseResult: sayTested }],
    setupFiles: mapping ? [join(root, 'test/mutation/hits.ts')] : [],
  },
  { plugins: [{ name: 'mutant', enforce: 'pre', transform: (_, id) => changed(id) }] },
);

process.on('message', (request: Request) => {
  answer(vitest, request).then(send, (error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
send({ type: 'ready' });
