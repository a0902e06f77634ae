import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dreamJob } from '../src/jobs/dream/dream-job.ts';
import { tour } from './in-process.ts';
import { temporaryFolder } from './temporary-folder.ts';

const dream = (folder: string, ...args: string[]) => tour([dreamJob], folder, 'dream', ...args);

test('a short training raises the bound, meets its references and draws four figures', async () => {
  const folder = await temporaryFolder();
  const { success, stdout } = await dream(folder, '--epochs', '3');
  expect(stdout).toContain('3 of 3 references met');
  expect(success).toBe(true);
  const of = (what: string): number =>
    Number(new RegExp(`${what}[^│]*│\\s*(-?[\\d.]+)`).exec(stdout)?.[1]);
  expect(of('bound on them after')).toBeGreaterThan(0.7 * of('bound on 200 other digits before'));
  const html = await readFile(join(folder, 'tour', 'report.html'), 'utf8');
  expect(html.match(/<figcaption>/g)).toHaveLength(4);
  expect(html.match(/data:image\/png;base64,iVBOR/g)).toHaveLength(3);
});
