import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runScript, type StartOptions } from './process.ts';
import { temporaryFolder } from './temporary-folder.ts';

const run = (options: StartOptions) => runScript('./fixtures/small-tour.ts', options);

test('a met reference ends with exit code 0, a table, a report and the attachments', async () => {
  const folder = await temporaryFolder();
  const { code, stdout, stderr } = await run({ folder });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/y\s*│\s*6\s*│\s*6\s*│\s*0\s*│\s*0\s*│\s*met/);
  expect(stdout).toContain('1 of 1 references met. See tour/report.html.');
  expect((await readdir(join(folder, 'tour'))).sort()).toEqual(['double.csv', 'report.html']);
  expect(await readFile(join(folder, 'tour', 'double.csv'), 'utf8')).toBe('y\n6\n');
});

test('the report escapes text, shows formulas, and loads nothing', async () => {
  const folder = await temporaryFolder();
  await run({ folder });
  const html = await readFile(join(folder, 'tour', 'report.html'), 'utf8');
  expect(html).toContain('Doubling &#x3C;i>');
  expect(html).toContain('It &#x3C;doubles> &#x26; returns.');
  expect(html).toMatch(/<math [^>]*display="block"/);
  expect(html).not.toMatch(/<script|<link|<img|@import|url\(|src=/);
});

test('a missed reference is shown in the table and the report, with exit code 1', async () => {
  const folder = await temporaryFolder();
  const { code, stdout, stderr } = await run({ folder, args: ['double', '--x', '4'] });
  expect({ code, stderr }).toEqual({ code: 1, stderr: '\ndouble missed: y\n' });
  expect(stdout).toMatch(/y\s*│\s*8\s*│\s*6\s*│\s*2\.0e\+0\s*│\s*0\s*│\s*MISSED/);
  expect(stdout).toContain('0 of 1 references met');
  const html = await readFile(join(folder, 'tour', 'report.html'), 'utf8');
  expect(html).toContain('<tr class="missed">');
});

test('Ctrl-C ends with exit code 130 and leaves no file', async () => {
  const folder = await temporaryFolder();
  const { code, stderr } = await run({
    folder,
    env: { TOUR_TEST_JOB: 'wait' },
    onProgress: (child) => child.kill('SIGINT'),
  });
  expect(stderr).toBe('other: waiting (50 %)\n\nInterrupted by SIGINT. Nothing was written.\n');
  expect(code).toBe(130);
  expect(await readdir(folder)).toEqual([]);
});

test('a report that is there already survives an interruption', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'tour'));
  await writeFile(join(folder, 'tour', 'report.html'), 'before');
  await run({
    folder,
    env: { TOUR_TEST_JOB: 'wait' },
    onProgress: (child) => child.kill('SIGINT'),
  });
  expect(await readdir(join(folder, 'tour'))).toEqual(['report.html']);
  expect(await readFile(join(folder, 'tour', 'report.html'), 'utf8')).toBe('before');
});

test('a job that refuses its input says why, and the report of the others says so too', async () => {
  const folder = await temporaryFolder();
  const { code, stderr } = await run({ folder, env: { TOUR_TEST_JOB: 'refuse' } });
  expect({ code, stderr }).toEqual({ code: 1, stderr: '\nother failed. No. Ask again.\n' });
  const html = await readFile(join(folder, 'tour', 'report.html'), 'utf8');
  expect(html).toContain('1 of 1 references met, 1 job failed');
  expect(html).toContain('No. Ask again.');
});

test('a run of nothing but refusals writes no report', async () => {
  const folder = await temporaryFolder();
  const { code } = await run({ folder, args: ['other'], env: { TOUR_TEST_JOB: 'refuse' } });
  expect(code).toBe(1);
  expect(await readdir(folder)).toEqual([]);
});

test('an unexpected failure is one sentence, and a stack only with --trace', async () => {
  const folder = await temporaryFolder();
  const env = { TOUR_TEST_JOB: 'crash' };
  const plain = await run({ folder, args: ['other'], env });
  expect(plain.code).toBe(1);
  expect(plain.stderr).toContain('An unexpected failure: x is not a function (--trace shows');
  expect(plain.stderr).not.toContain('small-tour.ts');
  const traced = await run({ folder, args: ['other', '--trace'], env });
  expect(traced.stderr).toContain('small-tour.ts');
});

test.for([
  [['nothing'], "there is no job 'nothing'. The jobs are: double."],
  [['double', '--y', '1'], "unknown option '--y'"],
  [['double', '--x', '-1'], "argument '-1' is invalid. Expected a number above 0."],
  [['double', '--x', 'abc'], "argument 'abc' is invalid. Expected a number above 0."],
  [['double', '--x'], "option '--x <number>' argument missing"],
  [['double', 'extra'], 'too many arguments'],
] as const)('the arguments %j are refused with exit code 1', async ([args, message]) => {
  const folder = await temporaryFolder();
  const { code, stdout, stderr } = await run({ folder, args });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).toContain('--help');
  expect(await readdir(folder)).toEqual([]);
});

test('--help names the jobs, and the help of a job its options', async () => {
  const folder = await temporaryFolder();
  const all = await run({ folder, args: ['--help'] });
  expect(all.code).toBe(0);
  expect(all.stdout).toContain('Usage: npm start -- [job] [options]');
  expect(all.stdout).toMatch(/double.*doubles a number and expects 6/);
  const one = await run({ folder, args: ['double', '--help'] });
  expect(one.code).toBe(0);
  expect(one.stdout).toMatch(/--x <number>\s+what to double \(default: 3\)/);
});

test('a file where the folder of the report should be is an error that names it', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'tour'), 'mine');
  const { code, stderr } = await run({ folder });
  expect(code).toBe(1);
  expect(stderr).toContain(`Cannot write to ${join(folder, 'tour')}`);
  expect(await readFile(join(folder, 'tour'), 'utf8')).toBe('mine');
});
