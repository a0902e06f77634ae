import { expect, test } from 'vitest';
import { nerfJob } from '../src/jobs/nerf/nerf-job.ts';
import { tour } from './in-process.ts';
import { readReport } from './read-report.ts';
import { temporaryFolder } from './temporary-folder.ts';

const nerf = (folder: string, ...args: string[]) => tour([nerfJob], folder, 'nerf', ...args);

test('a short training sees views that it was not shown, and the fog is exact', {
  timeout: 120_000,
}, async () => {
  const folder = await temporaryFolder();
  const { success, stdout } = await nerf(folder, '--steps', '60');
  expect(stdout).toContain('4 of 4 references met');
  expect(success).toBe(true);
  const found = Number(/the same in decibels[^│]*│\s*([\d.]+)/.exec(stdout)?.[1]);
  expect(found).toBeGreaterThan(12);
  const html = await readReport(folder);
  expect(html.match(/<figcaption>/g)).toHaveLength(2);
});

test('steps that make no sense are refused', async () => {
  const { success, stderr } = await nerf(await temporaryFolder(), '--steps', '0');
  expect(success).toBe(false);
  expect(stderr).toContain('Expected a whole number from 30 to 100000');
});
