import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bySteps } from '../src/jobs/weather/lorenz63/problem.ts';
import { weatherJob } from '../src/jobs/weather/weather-job.ts';
import { tour } from './in-process.ts';
import { readReport } from './read-report.ts';
import { temporaryFolder } from './temporary-folder.ts';

const weather = (folder: string, ...args: string[]) =>
  tour([weatherJob], folder, 'weather', ...args);

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

test('three weathers meet their references, computed on the spot', async () => {
  const folder = await temporaryFolder();
  const { success, stdout } = await weather(folder);
  expect(stdout).toContain('22 of 22 references met');
  expect(success).toBe(true);
  const html = await readReport(folder);
  expect(html.match(/<figcaption>/g)).toHaveLength(8);
  const water = await readFile(join(folder, 'tour', 'weather-water.csv'), 'utf8');
  const lines = water.trimEnd().split('\n');
  expect(lines[0]).toBe('run,x,y,h,u,v');
  expect(lines).toHaveLength(1 + 3 * 32 * 32);
}, 300_000);

test('the reference case of Lorenz-63 by itself', async () => {
  const folder = await temporaryFolder();
  const { success, stdout } = await weather(folder, '--model', 'lorenz63');
  const table = tableOf(stdout);
  expect(table.get('cost of the background, J(xb)')?.[0]).toBe('73.932939578145');
  expect(table.get('dJ/dy at the background')?.[0]).toBe('-188.105852150267');
  expect(table.get('least cost, J(xa)')?.[0]).toBe('6.882955684150');
  expect(stdout).toContain('12 of 12 references met');
  expect(success).toBe(true);
  const html = await readReport(folder);
  expect(html.match(/<figcaption>/g)).toHaveLength(5);
  const states = await readFile(join(folder, 'tour', 'weather-lorenz63.csv'), 'utf8');
  expect(states.split('\n').slice(0, 2)).toEqual(['run,time,x,y,z', 'truth,0,1.509,-1.531,25.46']);
});

test("a user's own observations of water raise it where they were made", async () => {
  const folder = await temporaryFolder();
  const line = (x: number) => `0,h,${x},1650,1030,1\n`;
  await writeFile(join(folder, 'o.csv'), `time,field,x,y,value,error\n${line(1550)}`);
  const { success, stdout } = await weather(folder, '--model', 'water', '--observations', 'o.csv');
  expect(success).toBe(true);
  const table = tableOf(stdout);
  // Guess and observation have errors of 30 and 1: the cost is 30² / 2, and then that divided by 1 + 30².
  expect(table.get('cost of the background')?.[0]).toBe('450');
  expect(Number(table.get('least cost')?.[0])).toBeCloseTo(450 / 901, 4);
  const csv = await readFile(join(folder, 'tour', 'weather-water.csv'), 'utf8');
  const near = csv.split('\n').find((row) => row.startsWith('analysis,1550,1650,'));
  expect(Number(near?.split(',')[3])).toBeCloseTo(1000 + (30 * 900) / 901, 2);
  const far = csv.split('\n').find((row) => row.startsWith('analysis,3150,50,'));
  expect(Math.abs(Number(far?.split(',')[3]) - 1000)).toBeLessThan(1);
}, 120_000);

test("a user's own observations move the analysis towards them", async () => {
  const folder = await temporaryFolder();
  await writeFile(
    join(folder, 'o.csv'),
    '# one number\r\ntime,index,value,error\r\n0,2,26.96,1\r\n',
  );
  const { success, stdout } = await weather(folder, '--observations', 'o.csv');
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
    const { success, stderr } = await weather(folder, '--observations', 'o.csv');
    expect(success).toBe(false);
    expect(stderr).toContain(`weather failed. ${message}`);
    expect(await readdir(folder)).toEqual(['o.csv']);
  },
);

test.for([
  [['--background', '1,2'], 'Expected three numbers separated by commas'],
  [['--background', '1e160,2,3'], 'the model leaves the numbers that can be computed with'],
  [['--background-error', '0'], 'Expected a number above 0.'],
  [['--dt', 'x'], 'Expected a number above 0.'],
  [['--model', 'air'], 'Allowed choices are lorenz63, water.'],
  [['--observations', 'gone.csv'], 'Cannot read gone.csv: there is no such file.'],
] as const)('the options %j are refused', async ([args, message]) => {
  const folder = await temporaryFolder();
  const { success, stderr } = await weather(folder, ...args);
  expect(success).toBe(false);
  expect(stderr).toContain(message);
  expect(await readdir(folder)).toEqual([]);
});

test.for([
  ['0,h,1,1,1000,1\n1,w,1,1,1,1\n', "o.csv:2: column 'field': expected 'h', 'u' or 'v', found 'w'"],
  ['0.1,h,1,1,1000,1\n', "o.csv:1: column 'time': expected a multiple of 1/8 hour, found '0.1'"],
  ['49,h,1,1,1000,1\n', "o.csv:1: column 'time': expected a time of at most 48 (384 steps)"],
  ['0,h,3300,1,1000,1\n', "o.csv:1: column 'x': expected kilometres from 0 to 3200, found '3300'"],
  ['0,h,1,1,1000,0\n', "o.csv:1: column 'error': expected a standard deviation above 0"],
  [
    '0,h,1,1,1000,1\n0,h,1,1,1001,1\n',
    'o.csv:2: h at (1, 1) at time 0 was already observed in line 1',
  ],
  ['time,field,x,y,value\n', 'missing: error'],
  ['time,field,x,y,value,error\n', 'o.csv has no observations below its titles'],
] as const)('the observations of water %j are refused', async ([content, message]) => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'o.csv'), content);
  const { success, stderr } = await weather(folder, '--model', 'water', '--observations', 'o.csv');
  expect(success).toBe(false);
  expect(stderr).toContain(message);
  expect(await readdir(folder)).toEqual(['o.csv']);
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
