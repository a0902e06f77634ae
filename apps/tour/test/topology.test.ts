import { expect, test } from 'vitest';
import { topologyJob } from '../src/jobs/topology/topology-job.ts';
import { tour } from './in-process.ts';
import { readReport } from './read-report.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('the beam has the published compliances', async () => {
  const folder = await temporaryFolder();
  const { success, stdout } = await tour([topologyJob], folder, 'topology');
  expect(stdout).toContain('6 of 6 references met');
  expect(success).toBe(true);
  const html = await readReport(folder);
  expect(html.match(/<figcaption>/g)).toHaveLength(3);
});

test('a share that is none is refused', async () => {
  const folder = await temporaryFolder();
  const { success, stderr } = await tour([topologyJob], folder, 'topology', '--volume', '2');
  expect(stderr).toContain('Expected a number between 0 and 1');
  expect(success).toBe(false);
});
