import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runScript } from './process.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('the whole tour meets all of its references', async () => {
  const folder = await temporaryFolder();
  const { code, stdout } = await runScript('../src/main.ts', { folder });
  expect(stdout).toContain('29 of 29 references met. See tour/report.html.');
  expect(code).toBe(0);
  const html = await readFile(join(folder, 'tour', 'report.html'), 'utf8');
  expect(html.match(/<section/g)).toHaveLength(2);
  expect(html.match(/<figcaption>/g)).toHaveLength(8);
  expect(html).not.toMatch(/<script|<link|<img|@import|url\((?!#)|src=|NaN|undefined/);
});
