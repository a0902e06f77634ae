import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isingJob } from '../src/jobs/ising/ising-job.ts';
import { tour } from './in-process.ts';
import { readReport } from './read-report.ts';
import { temporaryFolder } from './temporary-folder.ts';

const ising = (folder: string, ...args: string[]) => tour([isingJob], folder, 'ising', ...args);

/** The points of one method: temperature, magnetization, susceptibility. */
async function curveOf(folder: string, method: string): Promise<number[][]> {
  const text = await readFile(join(folder, 'tour', 'ising-curves.csv'), 'utf8');
  const lines = text.split('\n').filter((line) => line.startsWith(`${method},`));
  return lines.map((line) => line.split(',').slice(1).map(Number));
}

test('a lattice meets its references, and loses its magnetization at the temperatures of the theory', async () => {
  const folder = await temporaryFolder();
  const { success, stdout } = await ising(folder, '--size', '4');
  expect(stdout).toContain('10 of 10 references met');
  expect(success).toBe(true);
  const lost = async (method: string): Promise<number> =>
    (await curveOf(folder, method)).find(([, m = 1]) => m < 1e-3)?.[0] ?? 0;
  expect(Math.abs((await lost('mean field')) - 4)).toBeLessThan(0.12);
  expect(Math.abs((await lost('Bethe')) - 2 / Math.log(2))).toBeLessThan(0.12);
  const [[T = 0, m = 0, chi = 0] = []] = await curveOf(folder, 'mean field');
  const beta = 1 / T;
  expect(m).toBeCloseTo(Math.tanh(4 * beta * m), 10);
  expect(chi).toBeCloseTo((beta * (1 - m * m)) / (1 - 4 * beta * (1 - m * m)), 9);
  const html = await readReport(folder);
  expect(html.match(/<figcaption>/g)).toHaveLength(2);
});

test("a user's own pairs are solved, by Bethe exactly where they have no cycles", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'p.csv'), 'from,to,coupling\na,b,1\nb,c,-0.5\nb,d,0.7\n');
  const { success } = await ising(folder, '--couplings', 'p.csv', '--field', '0.2');
  expect(success).toBe(true);
  const exact = await curveOf(folder, 'exact');
  const bethe = await curveOf(folder, 'Bethe');
  expect(exact).toHaveLength(45);
  exact.forEach(([T, m = Number.NaN, chi = Number.NaN], k) => {
    expect(bethe[k]?.[0]).toBe(T);
    expect(bethe[k]?.[1]).toBeCloseTo(m, 9);
    expect(bethe[k]?.[2]).toBeCloseTo(chi, 8);
  });
});

test.for([
  ['a,b\n', 'p.csv:1: expected 3 columns'],
  ['a,b,1\na,c,x\n', "p.csv:2: column 'coupling': expected a finite number, found 'x'"],
  ['from,to,coupling\na,a,1\n', 'p.csv:2: spin a is coupled to itself'],
  ['from,to,coupling\n', 'p.csv has no pairs below its titles'],
])('a wrong file is refused: %j', async ([content = '', complaint = '']) => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'p.csv'), content);
  const { success, stderr } = await ising(folder, '--couplings', 'p.csv');
  expect(success).toBe(false);
  expect(stderr).toContain(complaint);
});
