import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readDelimited } from '../src/delimited.ts';
import { temporaryFolder } from './temporary-folder.ts';

async function read(content: string | Uint8Array): Promise<[number, readonly string[]][]> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'data.txt'), content);
  const { lines } = await readDelimited('data.txt', { folder, signal: AbortSignal.any([]) });
  return lines.map(({ number, cells }) => [number, cells]);
}

test('a byte-order mark, CRLF, comments and blank lines leave the line numbers right', async () => {
  expect(await read('\uFEFF# a comment\r\na,b\r\n\r\n# another, one\r\n1,2\r\n')).toEqual([
    [2, ['a', 'b']],
    [5, ['1', '2']],
  ]);
});

test.for([
  ['tabs', '1\t2\n3\t4'],
  ['commas with spaces', '1, 2\n3 ,4\n'],
  ['semicolons', '1;2\r3;4'],
  ['runs of spaces', '  1  2\n3   4  \n'],
])('columns separated by %s are told apart', async ([, content]) => {
  expect(await read(content ?? '')).toEqual([
    [1, ['1', '2']],
    [2, ['3', '4']],
  ]);
});

test('quoted cells may hold the delimiter, and # inside a line is no comment', async () => {
  expect(await read('"a, b",c#1\n')).toEqual([[1, ['a, b', 'c#1']]]);
});

test('the delimiter is looked for in the data and not in the comments', async () => {
  expect(await read('# from, to; and\ttab\n1 2\n')).toEqual([[2, ['1', '2']]]);
});

test('a quote that never closes is an error that names the line', async () => {
  await expect(read('a,b\n1,"x\n')).rejects.toThrow(/^data\.txt:\d: Quote Not Closed.*quotes/);
});

test('an empty file, or one of comments alone, is an error that says so', async () => {
  await expect(read('')).rejects.toThrow('data.txt has no lines of data.');
  await expect(read('# nothing\n\n')).rejects.toThrow('data.txt has no lines of data.');
});

test('a binary file is an error and not a table of garbage', async () => {
  await expect(read(new Uint8Array([0x89, 0x50, 0xff, 0xfe]))).rejects.toThrow('not UTF-8 text');
  await expect(read('1\t\0')).rejects.toThrow('is a binary file');
});

test('a missing file and a folder are errors that say which it was', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'sub'));
  const options = { folder, signal: AbortSignal.any([]) };
  await expect(readDelimited('gone.csv', options)).rejects.toThrow(
    'Cannot read gone.csv: there is no such file.',
  );
  await expect(readDelimited('sub', options)).rejects.toThrow('Cannot read sub: it is a folder.');
});

test('an aborted signal ends the reading with its own reason', async () => {
  const reason = new Error('stopped');
  const options = { folder: '.', signal: AbortSignal.abort(reason) };
  await expect(readDelimited('data.txt', options)).rejects.toBe(reason);
});
