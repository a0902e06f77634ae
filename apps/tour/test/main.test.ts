import { expect, test } from 'vitest';
import { jobs } from '../src/jobs/index.ts';
import { runScript } from './process.ts';
import { readReport } from './read-report.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('the whole tour meets all of its references', { timeout: 900_000 }, async () => {
  const folder = await temporaryFolder();
  const { code, stdout } = await runScript('../src/main.ts', { folder });
  const [, met, total] =
    stdout.match(/(\d+) of (\d+) references met. See tour\/report.html./) ?? [];
  expect(Number(total)).toBeGreaterThanOrEqual(46);
  expect(met).toBe(total);
  expect(code).toBe(0);
  const html = await readReport(folder);
  expect(html.match(/<section/g)).toHaveLength(jobs.length);
  expect(html.match(/<figcaption>/g)?.length).toBeGreaterThanOrEqual(2 * jobs.length);
  expect(html).not.toMatch(/<script|<link|<img|@import|url\((?!#)|src=|NaN|undefined/);
});
