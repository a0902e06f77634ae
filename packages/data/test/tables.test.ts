import { parseNumber, readDelimited, readMatrix, readTable } from '@grad/data';
import { expect, test } from 'vitest';

const table = 'id,height,"note, if any"\n# a comment\n1,1.5,"tall, ""very"""\n\n2,-2e3,\n';

test('columns are read by their titles, in any order, and others are left out', async () => {
  const { height, id } = await readTable(table, { columns: { height: 'float32', id: 'int32' } });
  expect([height.dtype, height.toArray()]).toEqual(['float32', [1.5, -2000]]);
  expect([id.dtype, id.toArray()]).toEqual(['int32', [1, 2]]);
  const texts = await readTable(new TextEncoder().encode(table), {
    columns: { 'note, if any': 'text' },
  });
  expect(texts).toEqual({ 'note, if any': ['tall, "very"', ''] });
});

test('titles can be given where the text has none', async () => {
  const { b } = await readTable('1 2\n3 4\n', { titles: ['a', 'b'], columns: { b: 'float64' } });
  expect(b.toArray()).toEqual([2, 4]);
});

test('a line that begins like a comment is data where there are none', async () => {
  const { smiles } = await readTable('smiles\tx\n#C\t1\n', {
    columns: { smiles: 'text' },
    comment: '',
  });
  expect(smiles).toEqual(['#C']);
});

test.for([
  ['x,y\n1,2\n\n3,up\n', "t.csv, line 4, column 'y': expected a number, found 'up'."],
  ['x,y\n1,\n', "t.csv, line 2, column 'y': the cell is empty. Fill it, or say with `missing`"],
  ['x,y\n1,2,3\n', 't.csv, line 2: 3 cells, but 2 titles.'],
  ['x,z\n1,2\n', "t.csv, line 1: there is no column 'y'; there are 'x', 'z'."],
  ['x,y\n1,"2\n', /^t\.csv, line \d: Quote Not Closed.*Check the quotes/],
  ['# nothing\n', 't.csv: there are no lines of data.'],
  ['x,y\n1,2.5\n', "t.csv, line 2, column 'y': expected a whole number of 32 bits, found '2.5'"],
  ['x,y\n1,3000000000\n', "column 'y': expected a whole number of 32 bits, found '3000000000'"],
] as const)('%j is an error that names the line and the column', async ([text, message]) => {
  const read = readTable(text, { columns: { y: 'int32' }, name: 't.csv' });
  await expect(read).rejects.toThrow(message);
});

test('missing numbers are what they are said to be', async () => {
  const text = 'x\n1\nNaN\nNA\n';
  await expect(readTable(text, { columns: { x: 'float64' } })).rejects.toThrow(
    "line 3, column 'x': expected a number, found 'NaN'",
  );
  const wrong = readTable('x\n1\nup\n', { columns: { x: 'float64' }, missing: 0 });
  await expect(wrong).rejects.toThrow("line 3, column 'x': expected a number, found 'up'");
  const { x } = await readTable(text, { columns: { x: 'float64' }, missing: Number.NaN });
  expect(x.toArray()).toEqual([1, Number.NaN, Number.NaN]);
});

test('a text of numbers alone is a matrix', async () => {
  const matrix = await readMatrix('1\t2\t3\r\n4\t5\t6\r\n', { dtype: 'int32' });
  expect([matrix.dtype, matrix.toArray()]).toEqual([
    'int32',
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
  ]);
  expect((await readMatrix('1;2')).dtype).toBe('float64');
  await expect(readMatrix('1 2\n3\n')).rejects.toThrow(
    'readMatrix, line 2: 1 cells, but 2 columns in the first line.',
  );
  await expect(readMatrix('1 2\n3 x\n')).rejects.toThrow("line 2, column '2': expected a number");
  await expect(readMatrix('')).rejects.toThrow('readMatrix: there are no lines of data.');
});

test('lines keep their numbers through a byte-order mark, CRLF, comments and blank lines', async () => {
  expect(await readDelimited('\uFEFF# a; comment\r\na,b\r\n\r\n1, 2\r\n')).toEqual([
    { number: 2, cells: ['a', 'b'] },
    { number: 4, cells: ['1', '2'] },
  ]);
});

test('a file that is no text is refused, by its own name where it has one', async () => {
  const file = new File([Uint8Array.of(0x89, 0x50, 0xff)], 'picture.png');
  await expect(readDelimited(file)).rejects.toThrow('picture.png: this is not UTF-8 text');
  await expect(readDelimited(Uint8Array.of(0x31, 0))).rejects.toThrow('this is a binary file');
});

test('numbers are finite decimals and nothing else', () => {
  expect(['1', '-.5e-3', '+2.', ' 1', '', 'inf', '0x10', '1e999', '1,5'].map(parseNumber)).toEqual([
    1,
    -0.0005,
    2,
    ...Array.from({ length: 6 }, () => undefined),
  ]);
});
