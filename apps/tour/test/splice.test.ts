import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { random } from '@grad/core';
import { drawSpliceSites, reverseComplement, SPLICE_SITES } from '@grad/sequence';
import { expect, test, vi } from 'vitest';
import { logoFigure } from '../src/jobs/splice/figures/logo-figure.ts';
import { areaUnderCurve } from '../src/jobs/splice/scan-rows.ts';
import { spliceJob } from '../src/jobs/splice/splice-job.ts';
import { tour } from './in-process.ts';
import { readReport } from './read-report.ts';
import { temporaryFolder } from './temporary-folder.ts';

// Learning takes its time on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const splice = (folder: string, ...args: string[]) => tour([spliceJob], folder, 'splice', ...args);

const filler = 'CTACATCTTC'.repeat(6);
const gene = `${filler}CTCAACAGGTAAGTACTTC${filler}TCTTTTCTTTCTTTTCCCTTCTTTGCAGGTCAATC${filler}`;

test('drawn windows are learned from, and the sites of a gene found on either strand', async () => {
  const folder = await temporaryFolder();
  await writeFile(
    join(folder, 'g.fa'),
    `>gene one\n${gene}\n>turned\n${reverseComplement(gene)}\n`,
  );
  const args = [
    '--drawn',
    '--fasta',
    'g.fa',
    '--epochs',
    '10',
    '--units',
    '12',
    '--truncate',
    '12',
  ];
  const { success, stdout } = await splice(folder, ...args);
  expect(stdout).toContain('2500 windows drawn');
  expect(stdout).toContain('7 of 7 references met');
  expect(success).toBe(true);
  const csv = await readFile(join(folder, 'tour', 'splice-sites.csv'), 'utf8');
  const [titles, ...lines] = csv.trim().split('\n');
  expect(titles).toBe('sequence,site,strand,position,evidence,window');
  const best = (record: string, site: string) =>
    lines
      .find((line) => line.startsWith(`${record},${site},`))
      ?.split(',')
      .slice(2, 4);
  const [donor, acceptor] = [gene.indexOf('GTAAGT') + 1, gene.indexOf('CAGGTC') + 3];
  expect(best('gene', 'donor')).toEqual(['+', String(donor)]);
  expect(best('gene', 'acceptor')).toEqual(['+', String(acceptor)]);
  expect(best('turned', 'donor')).toEqual(['-', String(gene.length + 1 - donor)]);
  expect(best('turned', 'acceptor')).toEqual(['-', String(gene.length + 1 - acceptor)]);
  const html = await readReport(folder);
  expect(html.match(/<figcaption>/g)).toHaveLength(4);
  expect(html).not.toMatch(/NaN|undefined/);
  const tested = (await readFile(join(folder, 'tour', 'splice-tested.csv'), 'utf8')).trim();
  expect(tested.split('\n')).toHaveLength(1 + 250);
});

test('windows of a file are tested part after part', async () => {
  const folder = await temporaryFolder();
  const { sequences, labels } = drawSpliceSites(random.key(5), 60);
  const names = { donor: 'EI', acceptor: 'IE', none: 'N' };
  const lines = sequences.map((sequence, i) => {
    const site = SPLICE_SITES[labels.at(i).item()] ?? 'none';
    return `${names[site]},w${i},${sequence}`;
  });
  // An equal window stays with the first.
  await writeFile(join(folder, 'splice.data'), [...lines, lines[0]].join('\n'));
  const args = ['--data', '.', '--folds', '10', '--epochs', '1', '--units', '2'];
  const { success, stdout, stderr } = await splice(folder, ...args);
  expect(stdout).toContain('61 windows of splice.data (UCI); a GRU of 2 units');
  expect(stdout).toContain('accuracy on 61 windows not learned from');
  // So little is not enough.
  expect(stderr).toContain('splice missed: wrong share of these');
  expect(success).toBe(false);
});

test.for([
  [['--data', 'none'], 'There is no splice.data in none.'],
  [['--data', 'bad.data'], 'bad.data, line 2: expected a class (EI, IE or N)'],
  [['--data', 'few.data'], 'few.data has fewer than 10 different windows'],
  [['--drawn', '--fasta', 'none.fa'], 'none.fa cannot be read'],
  [['--drawn', '--fasta', 'bad.data'], 'a FASTA file begins with a line ">name"'],
  [['--drawn', '--fasta', 'protein.fa'], 'sequence p is no DNA: reverseComplement: character 7'],
  [['--drawn', '--fasta', 'dull.fa'], 'neither GT nor AG'],
  [['--folds', '11'], 'Expected a whole number from 1 to 10.'],
  [['--units', '0'], 'Expected a whole number from 1 to 512.'],
] as const)('%j is refused, and nothing is written', async ([args, message]) => {
  const folder = await temporaryFolder();
  const files = {
    'bad.data': 'EI,a,ACGT\nwhat\n',
    'dull.fa': '>d\nCCCCCCCCAAAA\n',
    'few.data': 'EI,a,ACGT\nIE,b,ACGT\n',
    'protein.fa': '>p\nMGTAQLENA\n',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const { success, stderr } = await splice(folder, ...args);
  expect(stderr).toContain(message);
  expect(stderr).not.toContain('unexpected');
  expect(success).toBe(false);
  expect(await readdir(folder)).toEqual(Object.keys(files).toSorted());
});

const data = process.env['GRAD_DATA'];

test.skipIf(!data)(
  'nearly all of the junctions of UCI are told apart (needs GRAD_DATA)',
  async () => {
    const folder = await temporaryFolder();
    const { success, stdout } = await splice(folder, '--data', data ?? '', '--epochs', '8');
    expect(stdout).toContain('3190 windows of splice.data');
    expect(Number(/windows not learned from\s*│\s*([\d.]+)/.exec(stdout)?.[1])).toBeGreaterThan(
      0.93,
    );
    expect(success).toBe(true);
  },
);

test('introns that a GenBank file annotates are found among the candidates', async () => {
  const folder = await temporaryFolder();
  const [donor, acceptor] = [gene.indexOf('GTAAGT') + 1, gene.indexOf('CAGGTC') + 3];
  const recordOf = (name: string, sequence: string, location: string) => {
    const lines = sequence
      .match(/.{1,60}/g)
      ?.map((line, i) => `${String(60 * i + 1).padStart(9)} ${line}`);
    return (
      `LOCUS       ${name} ${sequence.length} bp DNA\nFEATURES             Location/Qualifiers\n` +
      `     CDS             ${location}\nORIGIN\n${lines?.join('\n')}\n//\n`
    );
  };
  const { length } = gene;
  const [first, last] = [length + 1 - acceptor, length + 1 - donor];
  const there = recordOf('THERE', gene, `join(1..${donor - 1},${acceptor + 1}..${length})`);
  const turned = `complement(join(1..${first - 1},${last + 1}..${length}))`;
  const back = recordOf('BACK', reverseComplement(gene), turned);
  await writeFile(join(folder, 'g.gb'), there + back);
  const args = ['--drawn', '--fasta', 'g.gb', '--epochs', '8', '--units', '8'];
  const { stdout } = await splice(folder, ...args);
  for (const kind of ['donors', 'acceptors']) {
    expect(stdout).toMatch(new RegExp(`annotated ${kind} among \\d+ candidates\\s*│\\s*2 │`));
    expect(stdout).toMatch(new RegExp(`curve of these ${kind}\\s*│\\s*1 │`));
    expect(stdout).toMatch(new RegExp(`annotated ${kind} among the first 10\\s*│\\s*2 │`));
  }
  const csv = await readFile(join(folder, 'tour', 'splice-sites.csv'), 'utf8');
  const known = csv.split('\n').filter((line) => line.endsWith(',yes'));
  expect(known.map((line) => line.split(',').slice(0, 4)).toSorted()).toEqual([
    ['BACK', 'acceptor', '-', String(first)],
    ['BACK', 'donor', '-', String(last)],
    ['THERE', 'acceptor', '+', String(acceptor)],
    ['THERE', 'donor', '+', String(donor)],
  ]);
});

test('the area under the curve is the share of pairs in the right order', () => {
  const judged = [3, 2, 2, 1].map((score, i) => ({ site: { score }, known: i % 2 === 0 }));
  // Of the four pairs 3 > 2, 3 > 1 and 2 > 1 are right, and 2 = 2 is half right.
  expect(areaUnderCurve(judged)).toBe(3.5 / 4);
});

test('letters are as high as what they contribute, to both sides of the line', () => {
  const rows = [
    [2, -0.5, 0, 0],
    [0, 0, 1, 0.25],
  ];
  const contribution = { letters: rows, count: 3, missed: 0 };
  const { svg } = logoFigure([{ title: 'Donors', range: [0, 2], contribution }]);
  expect(svg).not.toMatch(/NaN|undefined/);
  expect(svg).toContain('Donors (mean of 3)');
  const heightOf = (letter: string) =>
    Number(new RegExp(`scale\\(0\\.9 ([\\d.]+)\\)"[^>]*>${letter}<`).exec(svg)?.[1]);
  const bottomOf = (letter: string) =>
    Number(new RegExp(`translate\\([\\d.]+ ([\\d.]+)\\)[^>]*>${letter}<`).exec(svg)?.[1]);
  expect(heightOf('A')).toBeCloseTo(2 * heightOf('G'), 3);
  expect(heightOf('A')).toBeCloseTo(4 * heightOf('C'), 3);
  // The smaller of two stands on the line, and what speaks against hangs below.
  expect(bottomOf('T')).toBe(bottomOf('A'));
  expect(bottomOf('G')).toBeLessThan(bottomOf('T'));
  expect(bottomOf('C')).toBeGreaterThan(bottomOf('A'));
});
