import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { assimilateJob } from '../src/jobs/assimilate/assimilate-job.ts';
import { bySteps } from '../src/jobs/assimilate/problem.ts';
import { tour } from './in-process.ts';
import { temporaryFolder } from './temporary-folder.ts';

const assimilate = (folder: string, ...args: string[]) =>
  tour([assimilateJob], folder, 'assimilate', ...args);

/** The cells of the table that was printed, by the words of the first column. */
function tableOf(stdout: string): Map<string, string[]> {
  const rows = stdout
    .split('\n')
    .filter((line) => line.startsWith('│'))
    .map((line) =>
      line
        .split('│')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  return new Map(rows.map(([what = '', ...cells]) => [what, cells]));
}

test('the reference case meets its references, computed on the spot', async () => {
  const folder = await temporaryFolder();
  const { success, stdout } = await assimilate(folder);
  const table = tableOf(stdout);
  expect(table.get('cost of the background, J(xb)')?.[0]).toBe('73.932939578145');
  expect(table.get('dJ/dy at the background')?.[0]).toBe('-188.105852150267');
  expect(table.get('least cost, J(xa)')?.[0]).toBe('6.882955684150');
  expect(stdout).toContain('12 of 12 references met');
  expect(success).toBe(true);
  const html = await readFile(join(folder, 'tour', 'report.html'), 'utf8');
  expect(html.match(/<figcaption>/g)).toHaveLength(5);
  const states = await readFile(join(folder, 'tour', 'assimilate-states.csv'), 'utf8');
  expect(states.split('\n').slice(0, 2)).toEqual(['run,time,x,y,z', 'truth,0,1.509,-1.531,25.46']);
});

test("a user's own observations move the analysis towards them", async () => {
  const folder = await temporaryFolder();
  await writeFile(
    join(folder, 'o.csv'),
    '# one number\r\ntime,index,value,error\r\n0,2,26.96,1\r\n',
  );
  const { success, stdout } = await assimilate(folder, '--observations', 'o.csv');
  expect(success).toBe(true);
  const table = tableOf(stdout);
  // Guess and observation, equally uncertain, meet halfway; the costs are 1²/2 and twice 0.5²/2.
  expect(table.get('cost of the background, J(xb)')?.[0]).toBe('0.5000000');
  expect(table.get('least cost, J(xa)')?.[0]).toBe('0.2500000');
  expect(table.get('analysis, x')?.[0]).toBe('2.509000');
  expect(table.get('analysis, z')?.[0]).toBe('26.46000');
});

test.for([
  [
    'time,index,value,error\n0.1,0,1,1\n0.2,7,1,1\n',
    "o.csv:3: column 'index': expected a component",
  ],
  ['0.1,0,1,1\n0.105,0,1,1\n', "o.csv:2: column 'time': expected a multiple of the time step 0.01"],
  ['', 'o.csv has no lines of data.'],
] as const)(
  'the observations %j are refused, and nothing is written',
  async ([content, message]) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'o.csv'), content);
    const { success, stderr } = await assimilate(folder, '--observations', 'o.csv');
    expect(success).toBe(false);
    expect(stderr).toContain(`assimilate failed. ${message}`);
    expect(await readdir(folder)).toEqual(['o.csv']);
  },
);

test.for([
  [['--background', '1,2'], 'Expected three numbers separated by commas'],
  [['--background', '1e160,2,3'], 'the model leaves the numbers that can be computed with'],
  [['--background-error', '0'], 'Expected a number above 0.'],
  [['--dt', 'x'], 'Expected a number above 0.'],
  [['--observations', 'gone.csv'], 'Cannot read gone.csv: there is no such file.'],
] as const)('the options %j are refused', async ([args, message]) => {
  const folder = await temporaryFolder();
  const { success, stderr } = await assimilate(folder, ...args);
  expect(success).toBe(false);
  expect(stderr).toContain(message);
  expect(await readdir(folder)).toEqual([]);
});

test('observations of one step become one vector, in the order of steps', () => {
  const vectors = bySteps([
    { step: 20, index: 1, value: 5, error: 2 },
    { step: 10, index: 2, value: 3, error: 1 },
    { step: 20, index: 0, value: 4, error: 3 },
  ]);
  expect(vectors).toEqual([
    { step: 10, value: [3], components: [2], R: [1] },
    { step: 20, value: [5, 4], components: [1, 0], R: [4, 9] },
  ]);
});
