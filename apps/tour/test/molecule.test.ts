import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { moleculeJob } from '../src/jobs/molecule/molecule-job.ts';
import { ownMolecules } from '../src/jobs/molecule/own-molecules.ts';
import { trainProperty } from '../src/jobs/molecule/train-property.ts';
import { tour } from './in-process.ts';
import { readReport } from './read-report.ts';
import { temporaryFolder } from './temporary-folder.ts';

const molecule = (folder: string, ...args: string[]) =>
  tour([moleculeJob], folder, 'molecule', ...args);

/** Alkanes and alcohols with their numbers of carbons, an oxygen counting half. */
const table = ['name,SMILES,size']
  .concat(
    Array.from({ length: 20 }, (_, k) => [
      `a${k},${'C'.repeat(k + 1)},${k + 1}`,
      `b${k},O${'C'.repeat(k + 1)},${k + 1.5}`,
    ]).flat(),
  )
  .join('\n');

test('a property of a table is learned, and atoms are colored', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 't.csv'), table);
  const { stdout } = await molecule(
    folder,
    '--csv',
    't.csv',
    '--epochs',
    '3',
    '--networks',
    '2',
    '--seeds',
    '2',
    '--smiles',
    'CCO',
    'c1ccccc1',
  );
  expect(stdout).toContain('t.csv: size; 3 epochs, 2 networks.');
  expect(stdout).toContain('test error of seed 1');
  const atoms = (await readFile(join(folder, 'tour', 'molecule-atoms.csv'), 'utf8'))
    .trim()
    .split('\n');
  expect(atoms.slice(0, 4).map((line) => line.split(',').slice(0, 3).join())).toEqual([
    'smiles,atom,element',
    'CCO,0,C',
    'CCO,1,C',
    'CCO,2,O',
  ]);
  expect(atoms).toHaveLength(10);
  const told = (await readFile(join(folder, 'tour', 'molecule-test.csv'), 'utf8'))
    .trim()
    .split('\n');
  expect(told).toHaveLength(5);
  const html = await readReport(folder);
  expect(html.match(/<figcaption>/g)).toHaveLength(3);
  expect(html).toContain('fill-opacity="0.75');
  expect(html).not.toMatch(/NaN|undefined/);
}, 120_000);

test('the mean of what several networks tell is told', async () => {
  const { signal } = new AbortController();
  const table = ownMolecules(60);
  const shares: number[] = [];
  const train = (networks: number) =>
    trainProperty(table, {
      seed: 0,
      epochs: 2,
      networks,
      signal,
      onProgress: (share) => shares.push(share),
    });
  const [one, three] = [await train(1), await train(3)];
  expect(shares).toEqual([1 / 2, 2 / 2, ...[1, 2, 3, 4, 5, 6].map((epoch) => epoch / 6)]);
  expect(three.histories).toHaveLength(3);
  expect(new Set(three.histories.flat()).size).toBe(6);
  const errors = three.split.test.map(
    (k, place) => (table.values[k] ?? 0) - (three.predictions[place] ?? 0),
  );
  const square = errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length;
  expect(three.rmse.test).toBeCloseTo(Math.sqrt(square), 5);
  // A mean errs less than those it is of, on average, and it is not the first of them.
  const alone = three.histories.map((history) => Math.min(...history));
  expect(three.rmse.validation).toBeLessThan(alone.reduce((sum, error) => sum + error, 0) / 3);
  const moved = one.predictions.map((told, k) => Math.abs(told - (three.predictions[k] ?? 0)));
  expect(Math.max(...moved)).toBeGreaterThan(1e-3);
}, 120_000);

test('it does not matter in which units descriptors are', async () => {
  const { signal } = new AbortController();
  const own = ownMolecules(60);
  const train = (factor: number, offset: number) =>
    trainProperty(
      {
        ...own,
        descriptors: Array.from(own.values, (value) => [value * factor + offset, 1]),
      },
      { seed: 0, epochs: 2, signal },
    );
  const [one, other] = [await train(1, 0), await train(1000, 50)];
  const blind = await trainProperty(own, { seed: 0, epochs: 2, signal });
  const far = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
    Math.max(...Array.from(a, (x, k) => Math.abs(x - (b[k] ?? Number.NaN))));
  expect(far(one.predictions, other.predictions)).toBeLessThan(1e-3);
  expect(far(one.predictions, blind.predictions)).toBeGreaterThan(1e-2);
}, 120_000);

test.for([
  [table.replace('OC,', 'OC(,'), [], "t.csv, line 3: 'OC(' is no SMILES of a molecule: the '('"],
  [
    table.replace('OCC,', 'OC1C,'),
    [],
    "t.csv, line 5: 'OC1C' is no SMILES of a molecule: dangling ring closure",
  ],
  ['smiles,y\nC,1\nCC,2\n', [], 't.csv: 2 molecules are too few'],
  [table, ['--value', 'mass'], "there is no column 'mass'"],
  [table, ['--smiles', 'C=='], "--smiles: 'C==' is no SMILES of a molecule: it ends with '='"],
  [table, ['--seeds', '0'], 'a whole number from 1 to 100'],
] as const)(
  '%#: a mistake is named with its line, and nothing is written',
  async ([text, args, message]) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 't.csv'), text);
    const { success, stderr } = await molecule(folder, '--csv', 't.csv', ...args);
    expect(success).toBe(false);
    expect(stderr).toContain(message);
    expect(await readdir(folder)).toEqual(['t.csv']);
  },
);
