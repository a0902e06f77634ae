import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { moonJob } from '../src/jobs/moon/moon-job.ts';
import { tour } from './in-process.ts';
import { readReport } from './read-report.ts';
import { temporaryFolder } from './temporary-folder.ts';

// Several landings on a busy machine.
vi.setConfig({ testTimeout: 90_000 });

test('both methods find the known landing and its laws', async () => {
  const folder = await temporaryFolder();
  const { success, stdout } = await tour([moonJob], folder, 'moon');
  expect(stdout).toContain('17 of 17 references met');
  expect(success).toBe(true);
  const html = await readReport(folder);
  expect(html.match(/<figcaption>/g)).toHaveLength(4);
  const csv = await readFile(join(folder, 'tour', 'moon-indirect.csv'), 'utf8');
  expect(csv.split('\n')[1]).toMatch(/^0,1,-0.783,1,0,/);
});

test('a start of the user is taken', async () => {
  const folder = await temporaryFolder();
  const { success, stdout } = await tour([moonJob], folder, 'moon', '--start', '3,-0.5,1');
  expect(stdout).toContain('From height 3, speed -0.5 and mass 1');
  expect(success).toBe(true);
});

test('a start from which nothing lands says what is missed', async () => {
  const folder = await temporaryFolder();
  const { success, stderr } = await tour([moonJob], folder, 'moon', '--start', '1,-1.5,1');
  expect(stderr).toMatch(
    /infeasible.*the speed 0 at the end is missed by 1\.0862\d at t = 0\.7459/,
  );
  expect(success).toBe(false);
});

test('starts that are none are refused', async () => {
  const folder = await temporaryFolder();
  for (const [start, says] of [
    ['1,2', 'Expected three numbers'],
    ['0,-1,1', 'The height 0 is not above the ground'],
    ['1,-1,0.05', 'The mass 0.05 is not above that of the hull'],
  ] as const) {
    const { stderr } = await tour([moonJob], folder, 'moon', '--start', start);
    expect(stderr).toContain(says);
  }
});
