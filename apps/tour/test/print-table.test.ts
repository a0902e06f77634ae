import { expect, test } from 'vitest';
import { printListing, printRows } from '../src/print-table.ts';
import { published } from '../src/published.ts';
import type { Row } from '../src/row.ts';

const rows: readonly Row[] = [
  { what: 'score', result: 0.12345678912, reference: published('.123457'), seconds: 0.5 },
  { what: 'error', result: 2e-14, reference: { kind: 'atMost', limit: 1e-13 } },
  { what: 'share', result: 0.9625, reference: { kind: 'atLeast', limit: 0.95 } },
  { what: 'mean', result: 0.9625, reference: { kind: 'atMost', limit: 0.95 } },
  { what: 'wrong', result: 1, reference: published('2.50') },
  { what: 'plain', result: 1234.56789 },
];

const cells = (line: string) =>
  line
    .split('│')
    .slice(1, -1)
    .map((cell) => cell.trim());

test('results are printed to the digits of their reference, with difference and verdict', () => {
  const lines = printRows(rows, {})
    .split('\n')
    .filter((line) => line.startsWith('│'));
  expect(lines.map(cells)).toEqual([
    ['what', 'result', 'reference', 'difference', 'allowed', 'verdict', 'seconds'],
    ['score', '0.123457', '.123457', '2.1e-7', '1.0e-6', 'met', '0.5'],
    ['error', '2.0e-14', '', '', '≤ 1.0e-13', 'met', ''],
    ['share', '0.9625000', '', '', '≥ 0.95', 'met', ''],
    ['mean', '0.9625000', '', '', '≤ 0.95', 'MISSED', ''],
    ['wrong', '1.00', '2.50', '1.5e+0', '1.0e-2', 'MISSED', ''],
    ['plain', '1234.568', '', '', '', '', ''],
  ]);
});

test('verdicts are coloured where the terminal shows colours, and only there', () => {
  expect(printRows(rows, { hasColors: () => true })).toContain('\u001B[31mMISSED\u001B[39m');
  expect(printRows(rows, {})).not.toContain('\u001B');
});

test('long words about a result are wrapped and not cut', () => {
  const what = 'a very long sentence about what was computed here and why it matters so much to us';
  const table = printRows([{ what, result: 1 }], {});
  const words = table
    .split('\n')
    .filter((line) => line.startsWith('│'))
    .slice(1)
    .map((line) => cells(line)[0]);
  expect(words.join(' ')).toBe(what);
  expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThan(125);
});

test('the words give way where the terminal is narrow, and the numbers stay whole', () => {
  const what = 'a very long sentence about what was computed here and why it matters so much';
  const width = (columns: number) => {
    const lines = printRows([{ what, result: 0.5 }, ...rows], { columns }).split('\n');
    expect(lines.join('')).toContain('0.5000000');
    return Math.max(...lines.map((line) => line.length));
  };
  expect(width(110)).toBe(110);
  expect(width(200)).toBeLessThan(140);
  expect(width(40)).toBeGreaterThan(80);
});

test('a listing is printed under its title', () => {
  const printed = printListing({
    title: 'Best pages',
    columns: ['page', 'score'],
    rows: [['a', '1']],
  });
  expect(printed.startsWith('Best pages\n')).toBe(true);
  expect(printed).toMatch(/│ a {4}│ {5}1 │/);
});
