import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { flowJob } from '../src/jobs/flow/flow-job.ts';
import { tour } from './in-process.ts';
import { readReport } from './read-report.ts';
import { temporaryFolder } from './temporary-folder.ts';

const flow = (folder: string, ...args: string[]) => tour([flowJob], folder, 'flow', ...args);

test.for(['gaussians', 'moons'])('a short training on %s meets its references', async (target) => {
  const folder = await temporaryFolder();
  const { success, stdout } = await flow(folder, '--target', target, '--steps', '16');
  expect(stdout).toContain('3 of 3 references met');
  expect(success).toBe(true);
  const losses = await readFile(join(folder, 'tour', 'flow-losses.csv'), 'utf8');
  expect(losses.trim().split('\n')).toHaveLength(17);
  const samples = await readFile(join(folder, 'tour', 'flow-samples.csv'), 'utf8');
  expect(samples.trim().split('\n')).toHaveLength(401);
  const html = await readReport(folder);
  expect(html.match(/<figcaption>/g)).toHaveLength(2);
  expect(html).not.toMatch(/NaN|undefined/);
});

test('an unknown distribution is refused', async () => {
  const { success, stderr } = await flow(await temporaryFolder(), '--target', 'spirals');
  expect(success).toBe(false);
  expect(stderr).toContain('gaussians, moons');
});
