import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { testCounts } from '../test-summary.ts';

function workspace(files: Record<string, unknown>): string {
  const root = mkdtempSync(join(tmpdir(), 'summary-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), JSON.stringify(content));
  }
  return root;
}

const counts = {
  success: false,
  numPassedTests: 7,
  numPendingTests: 2,
  numTodoTests: 1,
};

const failedTest = {
  name: 'a.test.ts',
  status: 'failed',
  message: '',
  assertionResults: [
    { status: 'passed', fullName: 'holds', failureMessages: [] },
    { status: 'failed', fullName: 'does not', failureMessages: ['1 is not 2'] },
  ],
};
const brokenFile = {
  name: 'b.test.ts',
  status: 'failed',
  message: 'No such module.',
  assertionResults: [],
};

test('reads the counts of each package and leaves out those without a test script', () => {
  const root = workspace({
    'packages/a/package.json': { name: 'a', scripts: { test: 'vitest run' } },
    'packages/a/test-results.json': { ...counts, success: true, testResults: [] },
    'docs/package.json': { name: 'docs', scripts: {} },
  });
  expect([...testCounts(root)]).toEqual([
    ['a', { passed: 7, failed: 0, skipped: 3, failures: [] }],
  ]);
});

test('counts a package that left no results as one failure', () => {
  const root = workspace({ 'apps/b/package.json': { name: 'b', scripts: { test: 'vitest run' } } });
  const failures = ['The package left no results.'];
  expect([...testCounts(root)]).toEqual([['b', { passed: 0, failed: 1, skipped: 0, failures }]]);
});

test('counts and names what failed, a test file that did not load among it', () => {
  const root = workspace({
    'scripts/package.json': { name: 'c', scripts: { test: 'vitest run' } },
    'scripts/test-results.json': { ...counts, testResults: [failedTest, brokenFile] },
  });
  expect(testCounts(root).get('c')).toEqual({
    passed: 7,
    failed: 2,
    skipped: 3,
    failures: ['a.test.ts\ndoes not\n1 is not 2', 'b.test.ts\nNo such module.'],
  });
});

test('counts a run that broke off between tests as one failure', () => {
  const root = workspace({
    'scripts/package.json': { name: 'd', scripts: { test: 'vitest run' } },
    'scripts/test-results.json': { ...counts, testResults: [] },
  });
  const failures = ['The run broke off between tests.'];
  expect(testCounts(root).get('d')).toEqual({ passed: 7, failed: 1, skipped: 3, failures });
});
