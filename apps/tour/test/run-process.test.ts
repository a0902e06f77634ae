import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runScript, type StartOptions } from './process.ts';
import { readReport } from './read-report.ts';
import { temporaryFolder } from './temporary-folder.ts';

const run = (options: StartOptions) => runScript('./fixtures/small-tour.ts', options);

test('exit codes tell a met reference, a missed one and a report that cannot be written', async () => {
  const folder = await temporaryFolder();
  expect((await run({ folder, args: ['double'] })).code).toBe(0);
  expect((await run({ folder, args: ['double', '--x', '4'] })).code).toBe(1);
  await writeFile(join(folder, 'file'), '');
  const { code, stderr } = await run({ folder: join(folder, 'file'), args: ['double'] });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^\nCannot write to .*\n$/);
});

test('Ctrl-C ends with exit code 130 and leaves no file', async () => {
  const folder = await temporaryFolder();
  const { code, stderr } = await run({ folder, onProgress: (child) => child.kill('SIGINT') });
  expect(stderr).toBe('other: waiting (50 %)\n\nInterrupted by SIGINT. Nothing was written.\n');
  expect(code).toBe(130);
  expect(await readdir(folder)).toEqual([]);
});

test('a report that is there already survives an interruption', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'tour'));
  await writeFile(join(folder, 'tour', 'report.html'), 'before');
  const { code } = await run({ folder, onProgress: (child) => child.kill('SIGTERM') });
  expect(code).toBe(143);
  expect(await readdir(join(folder, 'tour'))).toEqual(['report.html']);
  expect(await readReport(folder)).toBe('before');
});
