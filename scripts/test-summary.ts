// Adds up the test counts that every package wrote into its `test-results.json` and prints them,
// package by package and then as `N passed, N failed`. A package without results, a test file that
// did not load and a run that broke off for another reason count as failures.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The part of Vitest's JSON report that is read here. */
interface Report {
  success: boolean;
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

/** Counts for each package below `root` that has a test script. */
export function testCounts(root: string): Map<string, Counts> {
  const counts = new Map<string, Counts>();
  for (const path of globSync(['{packages,apps}/*/package.json', '{docs,scripts}/package.json'], {
    cwd: root,
  }).sort()) {
    const { name, scripts } = JSON.parse(readFileSync(join(root, path), 'utf8'));
    if (scripts?.test) counts.set(name, read(join(root, dirname(path), 'test-results.json')));
  }
  return counts;
}

function read(file: string): Counts {
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 };
  const report: Report = JSON.parse(readFileSync(file, 'utf8'));
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((result) => result.status === 'failed'),
  );
  const failed = report.numFailedTests + brokenFiles.length;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && !report.success ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

if (import.meta.main) {
  const counts = testCounts(resolve(process.argv[2] ?? '.'));
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [name, { passed, failed, skipped }] of counts) {
    console.log(`${name}: ${passed} passed, ${failed} failed, ${skipped} skipped`);
    total.passed += passed;
    total.failed += failed;
  }
  console.log(`${total.passed} passed, ${total.failed} failed`);
}
