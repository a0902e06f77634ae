import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crashingJob, doubleJob, refusingJob } from './fixtures/small-jobs.ts';
import { tour } from './in-process.ts';
import { readReport } from './read-report.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('a met reference is a success with a table, a report and the attachments', async () => {
  const folder = await temporaryFolder();
  const { success, stdout, stderr } = await tour([doubleJob], folder);
  expect({ success, stderr }).toEqual({ success: true, stderr: '' });
  expect(stdout).toMatch(/y\s*│\s*6\s*│\s*6\s*│\s*0\s*│\s*0\s*│\s*met/);
  expect(stdout).toContain('1 of 1 references met. See tour/report.html.');
  expect((await readdir(join(folder, 'tour'))).sort()).toEqual(['double.csv', 'report.html']);
  expect(await readFile(join(folder, 'tour', 'double.csv'), 'utf8')).toBe('y\n6\n');
});

test('the report escapes text, shows formulas, and loads nothing', async () => {
  const folder = await temporaryFolder();
  await tour([doubleJob], folder);
  const html = await readReport(folder);
  expect(html).toContain('Doubling &#x3C;i>');
  expect(html).toContain('It &#x3C;doubles> &#x26; returns.');
  expect(html).toMatch(/<math [^>]*display="block"/);
  expect(html).not.toMatch(/<script|<link|<img|@import|url\(|src=/);
});

test('a missed reference is a failure, named and shown in the table and the report', async () => {
  const folder = await temporaryFolder();
  const { success, stdout, stderr } = await tour([doubleJob], folder, 'double', '--x', '4');
  expect({ success, stderr }).toEqual({ success: false, stderr: '\ndouble missed: y\n' });
  expect(stdout).toMatch(/y\s*│\s*8\s*│\s*6\s*│\s*2\.0e\+0\s*│\s*0\s*│\s*MISSED/);
  expect(stdout).toContain('0 of 1 references met');
  const html = await readReport(folder);
  expect(html).toContain('<tr class="missed">');
});

test('a job that refuses its input says why, and the report of the others says so too', async () => {
  const folder = await temporaryFolder();
  const { success, stderr } = await tour([refusingJob, doubleJob], folder);
  expect({ success, stderr }).toEqual({
    success: false,
    stderr: '\nother failed. No. Ask again.\n',
  });
  const html = await readReport(folder);
  expect(html).toContain('1 of 1 references met, 1 job failed');
  expect(html).toContain('No. Ask again.');
});

test('a run of nothing but refusals writes no report', async () => {
  const folder = await temporaryFolder();
  expect((await tour([refusingJob], folder)).success).toBe(false);
  expect(await readdir(folder)).toEqual([]);
});

test('an unexpected failure is one sentence, and a stack only with --trace', async () => {
  const folder = await temporaryFolder();
  const plain = await tour([crashingJob], folder, 'other');
  expect(plain.success).toBe(false);
  expect(plain.stderr).toContain('An unexpected failure: x is not a function (--trace shows');
  expect(plain.stderr).not.toContain('small-jobs.ts');
  const traced = await tour([crashingJob], folder, 'other', '--trace');
  expect(traced.stderr).toContain('small-jobs.ts');
});

test.for([
  [['nothing'], "there is no job 'nothing'. The jobs are: double."],
  [['double', '--y', '1'], "unknown option '--y'"],
  [['double', '--x', '-1'], "argument '-1' is invalid. Expected a number above 0."],
  [['double', '--x', 'abc'], "argument 'abc' is invalid. Expected a number above 0."],
  [['double', '--x'], "option '--x <number>' argument missing"],
  [['double', 'extra'], 'too many arguments'],
] as const)('the arguments %j are refused with advice', async ([args, message]) => {
  const folder = await temporaryFolder();
  const { success, stdout, stderr } = await tour([doubleJob], folder, ...args);
  expect({ success, stdout }).toEqual({ success: false, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).toContain('--help');
  expect(await readdir(folder)).toEqual([]);
});

test('--help names the jobs, and the help of a job its options', async () => {
  const folder = await temporaryFolder();
  const all = await tour([doubleJob], folder, '--help');
  expect(all.success).toBe(true);
  expect(all.stdout).toContain('Usage: npm start -- [job] [options]');
  expect(all.stdout).toMatch(/double.*doubles a number and expects 6/);
  const one = await tour([doubleJob], folder, 'double', '--help');
  expect(one.success).toBe(true);
  expect(one.stdout).toMatch(/--x <number>\s+what to double \(default: 3\)/);
});

test('a file where the folder of the report should be is an error that names it', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'tour'), 'mine');
  await expect(tour([doubleJob], folder)).rejects.toThrow(
    `Cannot write to ${join(folder, 'tour')}`,
  );
  expect(await readFile(join(folder, 'tour'), 'utf8')).toBe('mine');
});
