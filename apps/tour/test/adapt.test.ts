import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tensor } from '@grad/core';
import { expect, test } from 'vitest';
import { adaptJob } from '../src/jobs/adapt/adapt-job.ts';
import { learn } from '../src/jobs/adapt/learn.ts';
import { byMaml, fresh, type Params } from '../src/jobs/adapt/model.ts';
import { tour } from './in-process.ts';
import { readReport } from './read-report.ts';
import { temporaryFolder } from './temporary-folder.ts';

const adapt = (folder: string, ...args: string[]) => tour([adaptJob], folder, 'adapt', ...args);

test('points of a file are adapted to, and the known derivatives met', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'c.csv'), 'x,y\r\n-3,2\r\n0,-1\r\n2,1.5\r\n');
  const args = ['--points', 'c.csv', '--iterations', '100', '--seed', '3'];
  const { success, stdout } = await adapt(folder, ...args);
  expect(stdout).toContain('c.csv; 100 meta-iterations');
  expect(stdout).toContain('7 of 7 references met');
  expect(success).toBe(true);
  const error = (what: string): number =>
    Number(new RegExp(`points given, ${what}\\s*│\\s*([\\d.e+-]+) `).exec(stdout)?.[1]);
  expect(error('MAML after 10 steps')).toBeLessThan(error('MAML before'));
  const html = await readReport(folder);
  expect(html.match(/<figcaption>/g)).toHaveLength(3);
  const lines = (await readFile(join(folder, 'tour', 'adapt-curves.csv'), 'utf8')).trim();
  expect(lines.split('\n')).toHaveLength(1 + 4 * 201);
});

test.for([
  ['1 2\n2 1 3\n', [], 'e.txt:2: expected 2 columns, x and y, found 3.'],
  ['x,y\n1,2\n2,nan\n', [], "e.txt:3: expected a finite decimal number in column 2, found 'nan'."],
  ['x,y\n', [], 'e.txt has no points below its titles.'],
  ['1,2\n', ['--iterations', '0'], 'Expected a whole number from 1 to 10000000.'],
  ['1,2\n', ['--seed', '-1'], 'Expected a whole number of 0 or more.'],
] as const)('%j with %j is refused, and nothing is written', async ([content, args, message]) => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'e.txt'), content);
  const { success, stderr } = await adapt(folder, '--points', 'e.txt', ...args);
  expect(success).toBe(false);
  expect(stderr).toContain(message);
  expect(await readdir(folder)).toEqual(['e.txt']);
});

test('learning stops when it is interrupted', async () => {
  const controller = new AbortController();
  const fractions: number[] = [];
  const learning = learn<Params>({
    start: fresh(0),
    loss: (params, tasks) => byMaml.batch(params, tasks).loss,
    judge: () => tensor(0),
    iterations: 1e6,
    seed: 0,
    signal: controller.signal,
    onProgress: (fraction) => {
      fractions.push(fraction);
      if (fractions.length === 3) controller.abort(new Error('enough'));
    },
  });
  await expect(learning).rejects.toThrow('enough');
  expect(fractions).toHaveLength(3);
});
