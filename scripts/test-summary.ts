// Adds up the test counts that every package wrote into its `test-results.json` and prints them,
// package by package and then as `N passed, N failed`, each failure with its name and message. A
// package without results, a test file that did not load and a run that broke off for another
// reason count as failures.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  /** What failed, a text each. */
  failures: string[];
}

/** The part of Vitest's JSON report that is read here. */
interface Report {
  success: boolean;
  numPassedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
  }[];
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
  if (!existsSync(file)) {
    return { passed: 0, failed: 1, skipped: 0, failures: ['The package left no results.'] };
  }
  const report: Report = JSON.parse(readFileSync(file, 'utf8'));
  const failures = report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const tests = assertionResults.filter((result) => result.status === 'failed');
    if (status === 'failed' && tests.length === 0) return [`${name}\n${message}`];
    return tests.map(
      ({ fullName, failureMessages }) => `${name}\n${fullName}\n${failureMessages.join('\n')}`,
    );
  });
  if (failures.length === 0 && !report.success) failures.push('The run broke off between tests.');
  return {
    passed: report.numPassedTests,
    failed: failures.length,
    skipped: report.numPendingTests + report.numTodoTests,
    failures,
  };
}

if (import.meta.main) {
  const counts = testCounts(resolve(process.argv[2] ?? '.'));
  const total = { passed: 0, failed: 0 };
  for (const [name, { passed, failed, skipped, failures }] of counts) {
    console.log(`${name}: ${passed} passed, ${failed} failed, ${skipped} skipped`);
    for (const failure of failures) console.log(failure.replace(/^/gm, '  '));
    total.passed += passed;
    total.failed += failed;
  }
  console.log(`${total.passed} passed, ${total.failed} failed`);
}
