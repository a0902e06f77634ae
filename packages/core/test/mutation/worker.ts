// A process that runs tests for `run.ts`, which ends it when a mutant makes it hang.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { createVitest, type TestModule, type TestResult, type Vitest } from 'vitest/node';
import type { MappedTest, Reply, Request } from './messages.ts';
import { blocksOf, instrumented } from './mutants.ts';
import { root, sources } from './sources.ts';

const mapping = process.argv.includes('map');

/** The file that is changed now. */
let mutant: { readonly file: string; readonly text: string } | undefined;

/** The file of tests that ran last; what a run gives has those before it as well. */
let ended: TestModule | undefined;

function setEnded(module: TestModule): void {
  ended = module;
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

function said(what: string, errors: TestResult['errors']): string {
  return `${what}: ${errors?.[0]?.message.split('\n')[0] ?? ''}`;
}

function firstFailure(module: TestModule | undefined): string | undefined {
  if (!module) return 'no test file';
  for (const test of module.children.allTests('failed'))
    return said(test.fullName, test.result().errors);
  return module.ok() ? undefined : said('the file', module.errors());
}

async function answer(vitest: Vitest, request: Request): Promise<Reply> {
  const project = vitest.projects[0];
  if (!project) throw new Error('no project');
  const run = async (file: string, testNames?: string[]): Promise<TestModule | undefined> => {
    const options = testNames ? { testNames } : undefined;
    const specification = project.createSpecification(join(root, file), options);
    ended = undefined;
    await vitest.runTestSpecifications([specification]);
    return ended;
  };
  if (request.type === 'map') {
    const module = await run(request.file);
    return { tests: module ? testsOf(module) : [], failed: firstFailure(module) };
  }
  const { file, text, group } = request;
  if (mutant) vitest.invalidateFile(join(root, mutant.file));
  mutant = { file, text };
  vitest.invalidateFile(join(root, file));
  const module = await run(group.file, [...group.names]);
  const failed = firstFailure(module);
  const passed = module ? [...module.children.allTests('passed')].length : 0;
  if (failed === undefined && passed !== group.names.length)
    throw new Error(`${group.file}: ${passed} of ${group.names.length} tests ran`);
  return { tests: [], failed };
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
    testTimeout: 60_000,
    reporters: [{ onTestModuleEnd: setEnded }],
    setupFiles: mapping ? [join(root, 'test/mutation/hits.ts')] : [],
  },
  { plugins: [{ name: 'mutant', enforce: 'pre', transform: (_, id) => changed(id) }] },
);

process.on('message', (request: Request) => {
  answer(vitest, request).then(
    (reply) => process.send?.(reply),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.send?.('ready');
